/** Groups of records of one schema, as a transform sees them in a batch. */
import { type ConnectRecord, type Header, Schema, type SchemaOptions, type SinkRecord } from '@tributary/api';
import type { Dice } from './dice.ts';
import { integer, present, schemaless, schemalessMap, text, valueFor } from './values.ts';

export const GROUP_SIZE = 8;

/** Names as people choose them, and as they do not. */
export const NAMES = [
  'a',
  'b',
  'id',
  'at',
  'value',
  'a.b',
  'with space',
  'é',
  '名',
  '😀',
  '1',
  '10',
  '__proto__',
  'constructor',
  'toString',
  'x`y',
  '`q`',
  'A',
  'name\\',
  '\ud83d',
];
export const TOPICS = [
  'uu',
  'qÉé',
  'quotes',
  'prod.trades-2',
  'QUOTES',
  'a_b.c-3',
  'x',
  'topic$1',
  'ünï',
  'a|b',
  'quotes\n',
  '',
];
export const HEADERS = ['trace', 'n', 'Trace', '', 'é', 'h1'];

const PRIMITIVES = ['int8', 'int16', 'int32', 'int64', 'float32', 'float64', 'boolean', 'string', 'bytes'] as const;

function options(dice: Dice): SchemaOptions {
  return {
    optional: dice.oneIn(2),
    ...(dice.oneIn(6) && { name: dice.pick(['my.Name', 'n', '']) }),
    ...(dice.oneIn(6) && { version: dice.below(5) }),
    ...(dice.oneIn(6) && { doc: dice.pick(['About it', '']) }),
    ...(dice.oneIn(8) && { parameters: { p: 'x', q: 'y' } }),
  };
}

/** Some schemas have a default; it may be the struct's own, with defaults inside. */
function withDefault(dice: Dice, schema: Schema): Schema {
  return dice.oneIn(4) ? Schema.with(schema, { default: present(dice, schema) }) : schema;
}

function leaf(dice: Dice): Schema {
  switch (dice.below(8)) {
    case 0:
      return Schema.decimal(dice.pick([0, 2, 2, 9, -3]), { optional: dice.oneIn(2) });
    case 1:
      return Schema.date({ optional: dice.oneIn(2) });
    case 2:
      return Schema.time({ optional: dice.oneIn(2) });
    case 3:
      return Schema.timestamp({ optional: dice.oneIn(2) });
    default:
      return Schema[dice.pick(PRIMITIVES)](options(dice));
  }
}

export function anySchema(dice: Dice, depth: number): Schema {
  if (depth === 0 || dice.below(10) < 7) return withDefault(dice, leaf(dice));
  switch (dice.below(6)) {
    case 0:
    case 1:
      return withDefault(dice, Schema.array(anySchema(dice, depth - 1), { optional: dice.oneIn(2) }));
    case 2:
      return Schema.map(dice.oneIn(3) ? Schema.int32() : Schema.string(), anySchema(dice, depth - 1), {
        optional: dice.oneIn(2),
      });
    default:
      return structSchema(dice, depth - 1);
  }
}

function structSchema(dice: Dice, depth: number): Schema {
  const fields = dice.some(NAMES, 6).map((name) => [name, anySchema(dice, depth)] as const);
  const schema = Schema.struct(fields, options(dice));
  return dice.oneIn(5) ? Schema.with(schema, { default: present(dice, schema) }) : schema;
}

function headersOf(dice: Dice): Header[] {
  return dice.several(dice.below(4), () => {
    const schema = dice.oneIn(4) ? null : anySchema(dice, 1);
    return { key: dice.pick(HEADERS), schema, value: schema === null ? text(dice) : valueFor(dice, schema) };
  });
}

const timestampOf = (dice: Dice): number | null =>
  dice.oneIn(4)
    ? null
    : dice.oneIn(3)
      ? Number(integer(dice, dice.pick([32, 45, 52])))
      : 1_700_000_000_000 + dice.below(1e9);

export interface Group {
  readonly records: readonly ConnectRecord[];
  /** Of the keys and values alike; null for schemaless ones. */
  readonly schema: Schema | null;
}

export function group(dice: Dice): Group {
  const kind = dice.below(10);
  const schema = kind < 5 ? structSchema(dice, 3) : kind < 7 ? anySchema(dice, 2) : null;
  const value = (): unknown => {
    if (schema !== null) return valueFor(dice, schema);
    return kind === 9 && dice.oneIn(2)
      ? schemaless(dice, NAMES, 2)
      : dice.oneIn(12)
        ? null
        : schemalessMap(dice, NAMES, 3);
  };
  const records = dice.several(GROUP_SIZE, (i): ConnectRecord => {
    const topic = dice.pick(TOPICS);
    const partition = dice.oneIn(3) ? null : dice.below(4);
    const record = {
      topic,
      partition,
      key: value(),
      keySchema: schema,
      value: value(),
      valueSchema: schema,
      timestamp: timestampOf(dice),
      headers: headersOf(dice),
    };
    if (i % 2 === 0) return record;
    const sink: SinkRecord = {
      ...record,
      partition: partition ?? 0,
      offset: dice.below(1e6),
      timestampType: 'CreateTime',
      originalTopic: topic,
      originalPartition: partition ?? 0,
      originalOffset: 0,
    };
    return sink;
  });
  return { schema, records };
}
