/** Values of each of Connect's types, the odd ones often. */
import { type Decimal, decimalScale, int64, LogicalName, type Schema, setField } from '@tributary/api';
import { dateText } from './dates.ts';
import type { Dice } from './dice.ts';

export const DAY = 86_400_000;
const LAST_DAY = 100_000_000;

const NUMBER_TEXTS = [
  '0',
  '7',
  '-12',
  '+7',
  '-0',
  '127',
  '128',
  '-129',
  '32768',
  '2147483648',
  '-9223372036854775808',
  '9223372036854775808',
  '1.5',
  '-1.5e3',
  '1e3',
  '1E400',
  '1e-400',
  '.5',
  '5.',
  '.',
  'NaN',
  '-Infinity',
  '+NaN',
  'inf',
  '0x1F',
  '0x1.8p3',
  '0x.1P-1074',
  '1f',
  '2D',
  '1_000',
  '1,5',
  ' 12',
  '12 ',
  '\t3\n',
  '\u00a04',
  '１２',
  '٣',
  '1e',
  '--1',
  '',
  ' ',
  '007',
  '16777217',
  '0.1',
  '1.17549435E-38',
  '3.4028235677973366e38',
  '1.401298464324817e-45',
  '7.0064923216240853e-46',
  '8388609.5000000001',
  '99999999999999999999',
];
const TEXTS = [
  'true',
  'TRUE',
  'True ',
  'false',
  'yes',
  '1',
  'text',
  'ünïcode',
  '名前',
  '😀',
  'e\u0301',
  '\ud83d',
  'a\u0000b',
  '"quoted"',
  "it's",
  '$1',
  '\\',
  'null',
  '[1,2]',
  '{"a":1}',
];

export function text(dice: Dice): string {
  switch (dice.below(4)) {
    case 0:
      return dice.pick(NUMBER_TEXTS);
    case 1:
      return dice.pick(TEXTS);
    case 2:
      return dateText(dice);
    default:
      return dice
        .several(dice.below(6), () => String.fromCodePoint(dice.oneIn(3) ? dice.below(0x3000) : 0x20 + dice.below(95)))
        .join('');
  }
}

const INTEGERS = [
  0n,
  1n,
  -1n,
  127n,
  128n,
  -128n,
  -129n,
  255n,
  256n,
  32767n,
  -32768n,
  65536n,
  2147483647n,
  -2147483648n,
  4294967296n,
  16777217n,
  9007199254740991n,
  9007199254740993n,
  -9007199254740993n,
  9223372036854775807n,
  -9223372036854775808n,
  1700000000123n,
  1700000000n,
];

export function integer(dice: Dice, bits: number): number | bigint {
  const value = dice.oneIn(2) ? dice.pick(INTEGERS) : dice.integer(bits);
  return int64(BigInt.asIntN(bits, value));
}

const FLOATS = [
  0,
  -0,
  1,
  -1,
  0.1,
  1.5,
  -2.5,
  100,
  1e7,
  9999999,
  0.001,
  0.00099,
  1e10,
  1e21,
  1e23,
  123456789.125,
  2 ** 53,
  2 ** 63,
  -(2 ** 63),
  2 ** 31,
  -(2 ** 31) - 1,
  1e300,
  5e-324,
  Number.MAX_VALUE,
  Number.NaN,
  Infinity,
  -Infinity,
  128.9,
  -129.9,
  300.5,
];
const view = new DataView(new ArrayBuffer(8));

function float(dice: Dice): number {
  if (dice.oneIn(2)) return dice.pick(FLOATS);
  if (dice.oneIn(2)) return Number(dice.integer(40)) / 10 ** dice.below(8);
  view.setUint32(0, Math.floor(dice.next() * 2 ** 32));
  view.setUint32(4, Math.floor(dice.next() * 2 ** 32));
  return view.getFloat64(0);
}

function float32(dice: Dice): number {
  if (dice.oneIn(2)) return Math.fround(float(dice));
  view.setUint32(0, Math.floor(dice.next() * 2 ** 32));
  return view.getFloat32(0);
}

function decimal(dice: Dice, scale: number): Decimal {
  return { unscaled: dice.oneIn(3) ? dice.pick(INTEGERS) : dice.integer(dice.oneIn(4) ? 200 : 60), scale };
}

export function timestamp(dice: Dice): Date {
  const millis = dice.pick([
    0,
    -1,
    1,
    DAY,
    -DAY,
    1_700_000_000_123,
    951_827_696_789,
    -12_219_292_800_001,
    -62_135_769_600_000,
    253_402_300_800_000,
  ]);
  if (dice.oneIn(2)) return new Date(millis);
  return new Date(Number(dice.integer(dice.oneIn(5) ? 52 : 44)));
}

function bytes(dice: Dice): Uint8Array {
  return Uint8Array.from(dice.several(dice.below(5), () => dice.below(256)));
}

/** A value of the schema; null here and there where that is allowed. */
export function valueFor(dice: Dice, schema: Schema): unknown {
  return schema.optional && dice.oneIn(4) ? null : present(dice, schema);
}

/** As {@link valueFor}; in a struct a default allows null too. */
function fieldValue(dice: Dice, schema: Schema): unknown {
  return schema.default !== undefined && dice.oneIn(4) ? null : valueFor(dice, schema);
}

/** A value that is not null. */
export function present(dice: Dice, schema: Schema): unknown {
  switch (schema.name) {
    case LogicalName.decimal:
      return decimal(dice, decimalScale(schema));
    case LogicalName.date:
      return new Date(DAY * (dice.oneIn(2) ? dice.below(30_000) : dice.below(2 * LAST_DAY) - LAST_DAY));
    case LogicalName.time:
      return new Date(dice.below(DAY));
    case LogicalName.timestamp:
      return timestamp(dice);
  }
  switch (schema.type) {
    case 'int8':
      return integer(dice, 8);
    case 'int16':
      return integer(dice, 16);
    case 'int32':
      return integer(dice, 32);
    case 'int64':
      return integer(dice, 64);
    case 'float32':
      return float32(dice);
    case 'float64':
      return float(dice);
    case 'boolean':
      return dice.oneIn(2);
    case 'string':
      return text(dice);
    case 'bytes':
      return bytes(dice);
    case 'array':
      return dice.several(dice.below(4), () => valueFor(dice, schema.valueSchema!));
    case 'map':
      return new Map(
        dice.several(dice.below(3), () => [present(dice, schema.keySchema!), valueFor(dice, schema.valueSchema!)]),
      );
    case 'struct': {
      const struct: Record<string, unknown> = {};
      for (const field of schema.fields) setField(struct, field.name, fieldValue(dice, field.schema));
      return struct;
    }
  }
}

/** A value without a schema, of these names where it is a map. */
export function schemaless(dice: Dice, names: readonly string[], depth: number): unknown {
  switch (dice.below(depth > 0 ? 12 : 9)) {
    case 0:
      return null;
    case 1:
      return dice.oneIn(2);
    case 2:
      return integer(dice, 64);
    case 3:
      return float(dice);
    case 4:
    case 5:
      return text(dice);
    case 6:
      return dice.oneIn(3) ? bytes(dice) : Number(dice.integer(20));
    case 7:
      return dice.oneIn(2) ? timestamp(dice) : 1_700_000_000_000 + dice.below(1e9);
    case 8:
      return dice.oneIn(3) ? decimal(dice, dice.below(6)) : dateText(dice);
    case 9:
      return dice.several(dice.below(3), () => schemaless(dice, names, depth - 1));
    default:
      return schemalessMap(dice, names, depth - 1);
  }
}

export function schemalessMap(dice: Dice, names: readonly string[], depth: number): unknown {
  const entries = dice.some(names, 6).map((name): [string, unknown] => [name, schemaless(dice, names, depth)]);
  return dice.oneIn(3) || entries.some(([name]) => name === '__proto__' || /^\d+$/.test(name))
    ? new Map(entries)
    : Object.fromEntries(entries);
}
