import { createHash, randomUUID } from 'node:crypto';
import { type Bound, coerce, union } from './bound.ts';
import { sqlError } from './errors.ts';
import { type FunctionDefinition, strict } from './function-types.ts';
import { rescale, tenTo } from './numbers.ts';
import { encode1252 } from './text.ts';
import { commonType } from './type-rules.ts';
import {
  BIGINT,
  decimal,
  exactScale,
  FLOAT,
  family,
  INT,
  isText,
  isUnicode,
  MAX,
  nvarchar,
  type SqlType,
  varbinary,
  varchar,
} from './types.ts';

const text = (bound: Bound): Bound => (isText(bound.type) ? bound : coerce(bound, nvarchar(4000)));
const int = (bound: Bound): Bound => coerce(bound, INT);

/** A function that makes text of text. */
const mapped = (of: (value: string) => string): FunctionDefinition => ({
  args: [1, 1],
  bind: ([arg]) => {
    const bound = text(arg!);
    return strict(bound.type, [bound], (value) => of(value as string));
  },
});

const sized = (type: SqlType): SqlType =>
  isUnicode(type)
    ? nvarchar(type.length === MAX ? MAX : 4000, type.collation)
    : varchar(type.length === MAX ? MAX : 8000);

const part = (of: (value: string, ...numbers: number[]) => string, count: number): FunctionDefinition => ({
  args: [count, count],
  bind: ([first, ...rest]) => {
    const bound = text(first!);
    return strict(sized(bound.type), [bound, ...rest.map(int)], (value, ...numbers) =>
      of(value as string, ...numbers.map(Number)),
    );
  },
});

function substring(value: string, start: number, length: number): string {
  if (length < 0) throw sqlError(537);
  return value.slice(Math.max(start - 1, 0), Math.max(start - 1 + length, 0));
}

const bytesOf = (type: SqlType, value: unknown): Buffer =>
  Buffer.isBuffer(value)
    ? value
    : isUnicode(type)
      ? Buffer.from(value as string, 'utf16le')
      : encode1252(value as string);

/** Functions of text, bytes and numbers. */
export const textFunctions: Record<string, FunctionDefinition> = {
  LEN: {
    args: [1, 1],
    bind: ([arg]) =>
      family(arg!.type) === 'binary'
        ? strict(INT, [arg!], (value) => BigInt((value as Buffer).length))
        : strict(arg!.type.length === MAX ? BIGINT : INT, [text(arg!)], (value) =>
            BigInt((value as string).replace(/ +$/, '').length),
          ),
  },
  DATALENGTH: {
    args: [1, 1],
    bind: ([arg]) => {
      const known =
        isText(arg!.type) || family(arg!.type) === 'binary' ? arg! : coerce(arg!, varbinary(8000), { explicit: true });
      return strict(arg!.type.length === MAX ? BIGINT : INT, [known], (value) =>
        BigInt(bytesOf(known.type, value).length),
      );
    },
  },
  UPPER: mapped((value) => value.toUpperCase()),
  LOWER: mapped((value) => value.toLowerCase()),
  LTRIM: mapped((value) => value.replace(/^ +/, '')),
  RTRIM: mapped((value) => value.replace(/ +$/, '')),
  TRIM: mapped((value) => value.replace(/^ +| +$/g, '')),
  REVERSE: mapped((value) => value.split('').reverse().join('')),
  SUBSTRING: part((value, start = 1, length = 0) => substring(value, start, length), 3),
  LEFT: part((value, length = 0) => value.slice(0, length), 2),
  RIGHT: part((value, length = 0) => value.slice(Math.max(value.length - length, 0)), 2),
  REPLICATE: part((value, count = 0) => value.repeat(Math.max(count, 0)), 2),
  REPLACE: {
    args: [3, 3],
    bind: (args) => {
      const [first, ...rest] = args.map(text) as [Bound, ...Bound[]];
      return strict(sized(first.type), [first, ...rest], (value, from, to) =>
        from === ''
          ? (value as string)
          : (value as string).replaceAll(
              new RegExp((from as string).replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'gi'),
              () => to as string,
            ),
      );
    },
  },
  CHARINDEX: {
    args: [2, 2],
    bind: (args) =>
      strict(INT, args.map(text), (part, whole) =>
        BigInt((whole as string).toUpperCase().indexOf((part as string).toUpperCase()) + 1),
      ),
  },
  CONCAT: {
    args: [2, 254],
    bind: (args) => {
      const bound = args.map((arg) =>
        arg.untyped ? coerce(arg, varchar(1)) : isText(arg.type) ? arg : coerce(arg, varchar(8000), { explicit: true }),
      );
      const type = bound
        .slice(1)
        .reduce((of, next) => commonType({ ...next, type: of, collated: 'explicit' }, next), bound[0]!.type);
      return {
        type: sized(type),
        slots: union(...args),
        nullable: false,
        eval: (env) => bound.map((arg) => arg.eval(env) ?? '').join(''),
      };
    },
  },
  QUOTENAME: {
    args: [1, 2],
    bind: (args) =>
      strict(nvarchar(258), args.map(text), (value, mark = '[') =>
        mark === '"'
          ? `"${(value as string).replaceAll('"', '""')}"`
          : mark === "'"
            ? `'${(value as string).replaceAll("'", "''")}'`
            : `[${(value as string).replaceAll(']', ']]')}]`,
      ),
  },
  UNICODE: {
    args: [1, 1],
    bind: ([arg]) =>
      strict(INT, [text(arg!)], (value) => (value === '' ? null : BigInt((value as string).charCodeAt(0)))),
  },
  NCHAR: {
    args: [1, 1],
    bind: ([arg]) => strict(nvarchar(1), [int(arg!)], (code) => String.fromCharCode(Number(code))),
  },
  CHAR: { args: [1, 1], bind: ([arg]) => strict(varchar(1), [int(arg!)], (code) => String.fromCharCode(Number(code))) },
  HASHBYTES: {
    args: [2, 2],
    bind: ([algorithm, arg]) => {
      const known = isText(arg!.type) || family(arg!.type) === 'binary' ? arg! : coerce(arg!, varbinary(8000));
      return strict(varbinary(8000), [text(algorithm!), known], (name, value) => {
        const hash = (
          { SHA2_256: 'sha256', SHA2_512: 'sha512', SHA1: 'sha1', SHA: 'sha1', MD5: 'md5' } as Record<string, string>
        )[(name as string).toUpperCase()];
        return hash === undefined ? null : createHash(hash).update(bytesOf(known.type, value)).digest();
      });
    },
  },
  NEWID: {
    args: [0, 0],
    bind: () => ({
      type: { name: 'uniqueidentifier', length: 0, precision: 0, scale: 0 },
      slots: [],
      nullable: false,
      eval: () => randomUUID().toUpperCase(),
    }),
  },
  ABS: {
    args: [1, 1],
    bind: ([arg]) =>
      family(arg!.type) === 'exact'
        ? strict(arg!.type, [arg!], (value) => ((value as bigint) < 0n ? -(value as bigint) : value))
        : strict(FLOAT, [coerce(arg!, FLOAT)], (value) => Math.abs(value as number)),
  },
  FLOOR: rounded((digits, unit) => digits - (((digits % unit) + unit) % unit), Math.floor),
  CEILING: rounded((digits, unit) => digits + (((-digits % unit) + unit) % unit), Math.ceil),
  ROUND: {
    args: [2, 2],
    bind: ([arg, places]) => {
      if (family(arg!.type) !== 'exact')
        return strict(
          FLOAT,
          [coerce(arg!, FLOAT), int(places!)],
          (value, to) => Math.round((value as number) * 10 ** Number(to)) / 10 ** Number(to),
        );
      const scale = exactScale(arg!.type);
      return strict(arg!.type, [arg!, int(places!)], (value, to) =>
        Number(to) >= scale ? value : rescale(value as bigint, scale, Number(to)) * tenTo(scale - Number(to)),
      );
    },
  },
  APP_NAME: {
    args: [0, 0],
    bind: (_, { context }) => ({ type: nvarchar(128), slots: [], nullable: true, eval: () => context.session.app }),
  },
  HOST_NAME: {
    args: [0, 0],
    bind: (_, { context }) => ({ type: nvarchar(128), slots: [], nullable: true, eval: () => context.session.host }),
  },
};

function rounded(
  exact: (digits: bigint, unit: bigint) => bigint,
  approximate: (value: number) => number,
): FunctionDefinition {
  return {
    args: [1, 1],
    bind: ([arg]) => {
      if (family(arg!.type) !== 'exact')
        return strict(FLOAT, [coerce(arg!, FLOAT)], (value) => approximate(value as number));
      const scale = exactScale(arg!.type);
      const type = scale === 0 ? arg!.type : decimal(arg!.type.precision, 0);
      return strict(type, [arg!], (value) => exact(value as bigint, tenTo(scale)) / tenTo(scale));
    },
  };
}
