import { type Bound, coerce, constant } from './bound.ts';
import { sqlError } from './errors.ts';
import { type FunctionDefinition, strict } from './function-types.ts';
import { SERVER_NAME } from './system-variables.ts';
import { decimal, INT, nvarchar, type SqlType, type SqlValue } from './types.ts';

const NAME = nvarchar(128);
const text = (bound: Bound): Bound => coerce(bound, nvarchar(4000));

/** The parts of a name that is written in a string, quoted or not. */
export function nameParts(written: string): string[] {
  const parts: string[] = [];
  const pattern = /\[((?:[^\]]|\]\])*)\]|"((?:[^"]|"")*)"|([^.[\]"]+)|(?<=\.)(?=\.)/g;
  for (const [, bracket, quoted, plain] of written.trim().matchAll(pattern)) {
    parts.push(bracket?.replaceAll(']]', ']') ?? quoted?.replaceAll('""', '"') ?? plain?.trim() ?? '');
  }
  return parts;
}

const fact = (
  type: SqlType,
  read: (session: Parameters<FunctionDefinition['bind']>[1]['context']['session']) => SqlValue,
): FunctionDefinition => ({
  args: [0, 0],
  bind: (_, { context }) => ({ type, slots: [], nullable: true, eval: () => read(context.session) }),
});

const PROPERTIES: Record<string, SqlValue> = {
  PRODUCTVERSION: '16.0.1000.6',
  PRODUCTLEVEL: 'RTM',
  PRODUCTMAJORVERSION: '16',
  EDITION: 'Developer Edition (64-bit)',
  SERVERNAME: SERVER_NAME,
  COLLATION: 'SQL_Latin1_General_CP1_CI_AS',
};

/** Functions that ask the catalog or the session. */
export const catalogFunctions: Record<string, FunctionDefinition> = {
  OBJECT_ID: {
    args: [1, 2],
    bind: (args, { context }) =>
      strict(INT, args.map(text), (name, kind = 'U') => {
        if (String(kind).trim().toUpperCase() !== 'U') return null;
        const id = context.session.objectId(nameParts(name as string));
        return id === null ? null : BigInt(id);
      }),
  },
  OBJECT_NAME: {
    args: [1, 1],
    bind: ([id], { context }) =>
      strict(NAME, [coerce(id!, INT)], (value) => context.session.objectName(Number(value))?.name ?? null),
  },
  OBJECT_SCHEMA_NAME: {
    args: [1, 1],
    bind: ([id], { context }) =>
      strict(NAME, [coerce(id!, INT)], (value) => context.session.objectName(Number(value))?.schema ?? null),
  },
  COL_LENGTH: {
    args: [2, 2],
    bind: (args, { context }) =>
      strict({ ...INT, name: 'smallint' }, args.map(text), (table, column) => {
        const bytes = context.session.columnLength(nameParts(table as string), column as string);
        return bytes === null ? null : BigInt(bytes);
      }),
  },
  /** All text is of one code page. */
  COLLATIONPROPERTY: {
    args: [2, 2],
    bind: (args) => strict(INT, args.map(text), (_, property) => known(property, { CODEPAGE: 1252n })),
  },
  /** There are no period columns. */
  COLUMNPROPERTY: {
    args: [3, 3],
    bind: (args) => strict(INT, args, (_, __, property) => known(property, { GENERATEDALWAYSTYPE: 0n })),
  },
  SCHEMA_NAME: { args: [0, 0], bind: () => constant(NAME, 'dbo') },
  SCHEMA_ID: {
    args: [0, 1],
    bind: ([name], { context }) =>
      name
        ? strict(INT, [text(name)], (value) => (context.session.hasSchema(value as string) ? 1n : null))
        : constant(INT, 1n),
  },
  DB_NAME: fact(NAME, (session) => session.database),
  DB_ID: {
    args: [0, 1],
    bind: ([name], { context }) =>
      name
        ? strict(INT, [text(name)], (value) => (context.session.hasDatabase(value as string) ? 5n : null))
        : constant(INT, 5n),
  },
  SUSER_SNAME: fact(NAME, (session) => session.user),
  SUSER_NAME: fact(NAME, (session) => session.user),
  ORIGINAL_LOGIN: fact(NAME, (session) => session.user),
  USER_NAME: { args: [0, 0], bind: () => constant(NAME, 'dbo') },
  SERVERPROPERTY: {
    args: [1, 1],
    bind: ([name]) =>
      strict(nvarchar(128), [text(name!)], (value) => PROPERTIES[(value as string).toUpperCase()] ?? null),
  },
  DATABASEPROPERTYEX: {
    args: [2, 2],
    bind: (args, { context }) =>
      strict(nvarchar(128), args.map(text), (name, property) =>
        context.session.hasDatabase(name as string) && (property as string).toUpperCase() === 'COLLATION'
          ? 'SQL_Latin1_General_CP1_CI_AS'
          : null,
      ),
  },
  HAS_PERMS_BY_NAME: {
    args: [3, 3],
    bind: ([name, kind, permission], { context }) => ({
      type: INT,
      slots: [],
      nullable: true,
      eval: (env) => {
        const [of, which, what] = [text(name!).eval(env), text(kind!).eval(env), text(permission!).eval(env)];
        const table = which !== null && String(which).toUpperCase() === 'OBJECT' ? nameParts(String(of)) : null;
        if (table !== null && context.session.objectId(table) === null) return null;
        return context.session.hasPermission(String(what).toUpperCase(), table) ? 1n : 0n;
      },
    }),
  },
  XACT_STATE: fact({ ...INT, name: 'smallint' }, (session) => BigInt(session.xactState())),
  SCOPE_IDENTITY: fact(decimal(38, 0), (session) => session.identity()),
  ROWCOUNT_BIG: fact({ ...INT, name: 'bigint' }, (session) => BigInt(session.rowCount())),
  ERROR_NUMBER: fact(INT, (session) => big(session.caught()?.number)),
  ERROR_SEVERITY: fact(INT, (session) => big(session.caught()?.class)),
  ERROR_STATE: fact(INT, (session) => big(session.caught()?.state)),
  ERROR_LINE: fact(INT, (session) => big(session.caught()?.line)),
  ERROR_MESSAGE: fact(nvarchar(4000), (session) => session.caught()?.message ?? null),
};

const big = (value: number | undefined): bigint | null => (value === undefined ? null : BigInt(value));

/** A property that this server knows; of others it must not claim that they are NULL. */
function known(property: Exclude<SqlValue, null>, values: Readonly<Record<string, bigint>>): bigint {
  const value = values[String(property).toUpperCase()];
  if (value === undefined) throw sqlError(102, property);
  return value;
}
