import { fromText } from './convert-text.ts';
import { toText } from './convert-to-text.ts';
import { sqlError } from './errors.ts';
import { checkExact, LIMITS } from './exact.ts';
import { guidOfBytes, guidToBytes } from './guid.ts';
import { decimalText, exactOfDouble, rescale, tenTo } from './numbers.ts';
import { fitTime } from './temporal.ts';
import { encode1252 } from './text.ts';
import * as time from './time.ts';
import {
  exactScale,
  type Family,
  family,
  isInteger,
  MAX,
  type OffsetTime,
  type SqlType,
  type SqlValue,
  traits,
} from './types.ts';

type Present = Exclude<SqlValue, null>;
export type Conversion = (value: Present) => SqlValue;

export interface ConversionOptions {
  /** Of CONVERT. Default 0. */
  readonly style?: number;
  /** CAST cuts what is too long; an assignment leaves it as it is, for the caller to refuse. Default 'cut'. */
  readonly tooLong?: 'cut' | 'keep';
}

/** Whether a conversion happens by itself, only by CAST, or not at all. */
export function conversionKind(from: SqlType, to: SqlType): 'implicit' | 'explicit' | 'none' {
  const [a, b] = [family(from), family(to)];
  if (a === b || a === 'text') return b === 'binary' && a === 'text' ? 'explicit' : 'implicit';
  if (b === 'text') return 'implicit';
  const rule = RULES[`${a}>${b}`] ?? 'none';
  if (rule !== 'old') return rule;
  const [of, toNumber] = a === 'datetime' ? [from, true] : [to, false];
  if (of.name === 'datetime2') return 'none';
  return toNumber ? 'explicit' : 'implicit';
}

/** `old`: for datetime and smalldatetime alone. */
const RULES: Record<string, 'implicit' | 'explicit' | 'old'> = {
  'exact>approximate': 'implicit',
  'approximate>exact': 'implicit',
  'exact>binary': 'implicit',
  'binary>exact': 'implicit',
  'exact>datetime': 'old',
  'approximate>datetime': 'old',
  'datetime>exact': 'old',
  'datetime>approximate': 'old',
  'datetime>date': 'implicit',
  'datetime>time': 'implicit',
  'datetime>offset': 'implicit',
  'date>datetime': 'implicit',
  'date>offset': 'implicit',
  'time>datetime': 'implicit',
  'time>offset': 'implicit',
  'offset>datetime': 'implicit',
  'offset>date': 'implicit',
  'offset>time': 'implicit',
  'guid>binary': 'implicit',
  'binary>guid': 'implicit',
};

/** How errors 8115 name what is converted. */
const sourceName = (type: SqlType): string => {
  if (isInteger(type) || type.name === 'bit') return 'expression';
  return type.name === 'decimal' ? 'numeric' : type.name;
};

/**
 * The function that converts values of one type to another. The pair must be one that {@link conversionKind} allows.
 * The function throws SqlErrors 220, 232, 241, 242, 244, 245, 248, 8114, 8115, 8169.
 */
export function conversion(from: SqlType, to: SqlType, options: ConversionOptions = {}): Conversion {
  const source = family(from);
  const style = options.style ?? 0;
  switch (family(to)) {
    case 'exact':
      return toExact(source, from, to);
    case 'approximate':
      return toApproximate(source, from, to);
    case 'text': {
      const text = toText(from, to, style);
      return (value) => text(value, options.tooLong ?? 'cut');
    }
    case 'binary':
      return toBinary(source, from, to, style, options.tooLong ?? 'cut');
    case 'guid':
      if (source === 'guid') return (value) => value;
      if (source === 'binary') return (value) => guidOfBytes(value as Buffer);
      return (value) => fromText(value as string, from, to);
    default:
      return toTime(source, from, to);
  }
}

function toExact(source: Family, from: SqlType, to: SqlType): Conversion {
  const scale = exactScale(to);
  const name = sourceName(from);
  switch (source) {
    case 'exact': {
      if (to.name === 'bit') return (value) => (value === 0n ? 0n : 1n);
      const own = exactScale(from);
      if (from.name === to.name && own === scale && from.precision === to.precision) return (value) => value;
      // A decimal that becomes an integer is cut; money and decimals of fewer digits are rounded.
      const cuts = isInteger(to) && from.name !== 'money' && from.name !== 'smallmoney';
      return (value) => {
        const digits = cuts ? (value as bigint) / tenTo(own) : rescale(value as bigint, own, scale);
        return checkExact(digits, to, name);
      };
    }
    case 'approximate':
      if (to.name === 'bit') return (value) => (value === 0 ? 0n : 1n);
      return (value) => {
        if (isInteger(to)) {
          const whole = BigInt(Math.trunc(value as number));
          const limits = LIMITS[to.name]!;
          if (whole < limits[0] || whole > limits[1]) throw sqlError(232, to.name, (value as number).toFixed(6));
          return whole;
        }
        return checkExact(exactOfDouble(value as number, scale), to, name);
      };
    case 'text':
      return (value) => fromText(value as string, from, to);
    case 'binary':
      return (value) => {
        const bytes = (value as Buffer).subarray(-8);
        let digits = 0n;
        for (const byte of bytes) digits = (digits << 8n) | BigInt(byte);
        return BigInt.asIntN((traits(to).bytes ?? 8) * 8, digits);
      };
    default:
      return (value) => {
        const days = Number((value as bigint) - time.ticksOf(time.DAYS_TO_1900, 0)) / time.TICKS_PER_DAY;
        return checkExact(exactOfDouble(days, scale), to, name);
      };
  }
}

function toApproximate(source: Family, from: SqlType, to: SqlType): Conversion {
  const single = to.name === 'real';
  const checked = (value: number): number => {
    const rounded = single ? Math.fround(value) : value;
    if (Number.isFinite(rounded)) return rounded;
    throw sqlError(8115, sourceName(from), to.name);
  };
  switch (source) {
    case 'approximate':
      return (value) => checked(value as number);
    case 'exact': {
      const scale = exactScale(from);
      return (value) => checked(Number(decimalText(value as bigint, scale)));
    }
    case 'text':
      return (value) => checked(fromText(value as string, from, to) as number);
    default:
      return (value) => Number((value as bigint) - time.ticksOf(time.DAYS_TO_1900, 0)) / time.TICKS_PER_DAY;
  }
}

function toBinary(source: Family, from: SqlType, to: SqlType, style: number, tooLong: 'cut' | 'keep'): Conversion {
  const sized = (bytes: Buffer): Buffer => {
    if (to.length === MAX || to.length === 0) return bytes;
    if (bytes.length > to.length) return tooLong === 'cut' ? bytes.subarray(0, to.length) : bytes;
    if (to.name === 'binary' && bytes.length < to.length)
      return Buffer.concat([bytes, Buffer.alloc(to.length - bytes.length)]);
    return bytes;
  };
  switch (source) {
    case 'binary':
      return (value) => sized(value as Buffer);
    case 'text':
      return (value) => {
        if (style === 1 || style === 2) {
          const hex = style === 1 ? /^0x((?:[0-9a-f]{2})*)$/i : /^((?:[0-9a-f]{2})*)$/i;
          const match = hex.exec(value as string);
          if (!match) throw sqlError(8114, from.name, to.name);
          return sized(Buffer.from(match[1]!, 'hex'));
        }
        return sized(traits(from).unicode ? Buffer.from(value as string, 'utf16le') : encode1252(value as string));
      };
    case 'guid':
      return (value) => sized(guidToBytes(value as string));
    default: {
      const width = traits(from).bytes ?? 8;
      return (value) => {
        const hex = BigInt.asUintN(width * 8, value as bigint).toString(16);
        const bytes = Buffer.from(hex.padStart(width * 2, '0'), 'hex');
        if (to.length === MAX || to.length === 0 || bytes.length === to.length) return bytes;
        if (bytes.length > to.length) return bytes.subarray(bytes.length - to.length);
        return to.name === 'binary' ? Buffer.concat([Buffer.alloc(to.length - bytes.length), bytes]) : bytes;
      };
    }
  }
}

function toTime(source: Family, from: SqlType, to: SqlType): Conversion {
  const fit = fitTime(to, from);
  switch (source) {
    case 'text':
      return (value) => fromText(value as string, from, to);
    case 'date':
      return (value) => fit(time.ticksOf(value as number, 0), 0);
    case 'time':
      return (value) => fit(time.ticksOf(time.DAYS_TO_1900, value as number), 0);
    case 'datetime':
      return (value) => fit(value as bigint, 0);
    case 'offset':
      return (value) => fit(time.local(value as OffsetTime), (value as OffsetTime).offset);
    default: {
      const digits = source === 'exact' ? exactScale(from) : 0;
      return (value) => {
        const days = typeof value === 'number' ? value : Number(decimalText(value as bigint, digits));
        return fit(time.ticksOf(time.DAYS_TO_1900, 0) + BigInt(Math.round(days * time.TICKS_PER_DAY)), 0);
      };
    }
  }
}
