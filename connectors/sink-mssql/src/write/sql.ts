import type { InsertMode } from '../config.ts';
import { TABLE_CHANGED } from '../errors.ts';
import type { TableInfo } from '../table/info.ts';
import { literal, quote, quoteTable } from '../table/name.ts';
import { DELETES, NUMBER, presentName, type Staging, type StagingColumn, valueName } from './staging.ts';

/** What is to become of the rows of a staging table. */
export interface Write {
  readonly mode: InsertMode;
  /** Quoted. */
  readonly table: string;
  readonly staging: Staging;
  readonly holdlock: boolean;
  /**
   * By which columns a row is added: each set of those with a default, or of an identity, that rows of this batch leave out (by place).
   * Most batches have the one empty set.
   */
  readonly omitted: readonly ReadonlySet<number>[];
}

interface Placed extends StagingColumn {
  readonly place: number;
  /** Quoted. */
  readonly name: string;
}

/** Statements that bring the staged rows into their table. They use the variables of {@link VARIABLES} and end with a line break each. */
export function writeSql(write: Write): string {
  const columns = write.staging.columns.map((column, place) => ({ ...column, place, name: quote(column.column.name) }));
  switch (write.mode) {
    case 'insert':
      return insertSql(write, columns);
    case 'update':
      return inRounds(write, columns, updateSql(write, columns));
    case 'upsert':
      return inRounds(write, columns, upsertSql(write, columns));
  }
}

/** Declares what the statements of any number of {@link writeSql} use. */
export const VARIABLES = 'DECLARE @round int, @rounds int;\n';

/** Whether rows without the column are added by a statement of their own, since SQL has no value that stands for the default. */
export const isOmittable = ({ optional, column }: StagingColumn): boolean =>
  optional && (column.hasDefault || column.identity);

/** Ends the batch if the table is not what it was when its columns were looked up: what was made for them might then be cut or rounded. */
export function unchangedSql({ name, modified }: TableInfo): string {
  const objects = `${name.database === null ? '' : `${quote(name.database)}.`}[sys].[objects]`;
  const table = literal(quoteTable(name));
  return `IF NOT EXISTS (SELECT 1 FROM ${objects} WHERE [object_id] = OBJECT_ID(${table}) AND CONVERT(nvarchar(30), [modify_date], 126) = ${literal(modified)})
BEGIN;
THROW ${TABLE_CHANGED}, ${literal(`Table ${quoteTable(name)} was changed`)}, 1;
END;
`;
}

const keysOf = (columns: readonly Placed[]): readonly Placed[] => columns.filter(({ key }) => key);

/** The staged rows with values of the columns' own types. */
function typed({ staging }: Write, columns: readonly Placed[]): string {
  const list = [
    NUMBER,
    ...(staging.deletes ? [DELETES] : []),
    ...columns.flatMap((column) => [typedValue(column), ...(column.optional ? [presentName(column.place)] : [])]),
  ];
  return `SELECT ${list.join(', ')} FROM [${staging.name}]`;
}

function typedValue({ place, cast, via }: Placed): string {
  const value = valueName(place);
  if (cast === null) return value;
  return `CAST(${via === null ? value : `CAST(${value} AS ${via})`} AS ${cast}) AS ${value}`;
}

const sameKey = (columns: readonly Placed[], left: string, right: string): string =>
  keysOf(columns)
    .map(({ name, place }) => `${left}.${left === 'target' ? name : valueName(place)} = ${right}.${valueName(place)}`)
    .join(' AND ');

/**
 * Repeats statements that bear one row per key. Keys are folded before they are sent, but which are equal only the server knows: 'a' and
 * 'A' may be, and 'a' with a blank behind it. The rows of such a key are written in turn, as is what was deleted and came again.
 */
function inRounds(write: Write, columns: readonly Placed[], body: string): string {
  const keys = keysOf(columns)
    .map(({ place }) => valueName(place))
    .join(', ');
  return `SET @round = 1;
SELECT @rounds = MAX(grouped.[rows]) FROM (SELECT COUNT(*) AS [rows] FROM (${typed(write, columns)}) AS typed GROUP BY ${keys}) AS grouped;
WHILE @round <= @rounds
BEGIN
${body}SET @round = @round + 1;
END;
`;
}

/** The rows of one round. */
function roundRows(write: Write, columns: readonly Placed[], conditions: readonly string[]): string {
  const keys = keysOf(columns)
    .map(({ place }) => valueName(place))
    .join(', ');
  return `SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY ${keys} ORDER BY ${NUMBER}) AS [round]
  FROM (${typed(write, columns)}) AS typed) AS numbered
  WHERE ${['[round] = @round', ...conditions].join(' AND ')}`;
}

/** Which rows leave out exactly these columns. */
function variantConditions(columns: readonly Placed[], omitted: ReadonlySet<number>): readonly string[] {
  return columns.filter(isOmittable).map(({ place }) => `${presentName(place)} = ${omitted.has(place) ? 0 : 1}`);
}

function assignments(columns: readonly Placed[]): string {
  return columns
    .filter(({ key, column }) => !key && !column.identity)
    .map(({ name, place, optional }) => {
      const value = `incoming.${valueName(place)}`;
      return `${name} = ${optional ? `CASE incoming.${presentName(place)} WHEN 1 THEN ${value} ELSE target.${name} END` : value}`;
    })
    .join(', ');
}

function upsertSql(write: Write, columns: readonly Placed[]): string {
  const { table, holdlock, staging, omitted } = write;
  const set = assignments(columns);
  return omitted
    .map((without) => {
      const inserted = columns.filter(({ place }) => !without.has(place));
      const statement = [
        `MERGE INTO ${table}${holdlock ? ' WITH (HOLDLOCK)' : ''} AS target`,
        `USING (${roundRows(write, columns, variantConditions(columns, without))}) AS incoming`,
        `ON (${sameKey(columns, 'target', 'incoming')})`,
        ...(staging.deletes ? [`WHEN MATCHED AND incoming.${DELETES} = 1 THEN DELETE`] : []),
        ...(set === '' ? [] : [`WHEN MATCHED THEN UPDATE SET ${set}`]),
        `WHEN NOT MATCHED BY TARGET${staging.deletes ? ` AND incoming.${DELETES} = 0` : ''} THEN`,
        `  INSERT (${inserted.map(({ name }) => name).join(', ')})`,
        `  VALUES (${inserted.map(({ place }) => `incoming.${valueName(place)}`).join(', ')});`,
      ].join('\n');
      return withIdentity(table, inserted, `${statement}\n`);
    })
    .join('');
}

function updateSql(write: Write, columns: readonly Placed[]): string {
  const { table, staging } = write;
  const set = assignments(columns);
  const join = (kind: readonly string[]): string =>
    `FROM ${table} AS target\nINNER JOIN (${roundRows(write, columns, kind)}) AS incoming\nON ${sameKey(columns, 'target', 'incoming')};\n`;
  const update = set === '' ? '' : `UPDATE target SET ${set}\n${join(staging.deletes ? [`${DELETES} = 0`] : [])}`;
  return `${update}${staging.deletes ? `DELETE target\n${join([`${DELETES} = 1`])}` : ''}`;
}

/** Rows of one key are added one after the other, as often as they come; only what a later row of the batch deletes is left out. */
function insertSql(write: Write, columns: readonly Placed[]): string {
  const { table, staging, omitted } = write;
  const rows = typed(write, columns);
  const erase = staging.deletes
    ? `DELETE target FROM ${table} AS target
WHERE EXISTS (SELECT 1 FROM (${rows}) AS incoming WHERE incoming.${DELETES} = 1 AND ${sameKey(columns, 'target', 'incoming')});
`
    : '';
  const kept = staging.deletes
    ? [
        `incoming.${DELETES} = 0`,
        `NOT EXISTS (SELECT 1 FROM (${rows}) AS later WHERE later.${DELETES} = 1 AND later.${NUMBER} > incoming.${NUMBER} AND ${sameKey(columns, 'later', 'incoming')})`,
      ]
    : [];
  const inserts = omitted.map((without) => {
    const inserted = columns.filter(({ place }) => !without.has(place));
    const conditions = [...kept, ...variantConditions(columns, without).map((condition) => `incoming.${condition}`)];
    const statement = `INSERT INTO ${table} (${inserted.map(({ name }) => name).join(', ')})
SELECT ${inserted.map(({ place }) => `incoming.${valueName(place)}`).join(', ')} FROM (${rows}) AS incoming
${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}\n` : ''}ORDER BY incoming.${NUMBER};
`;
    return withIdentity(table, inserted, statement);
  });
  return erase + inserts.join('');
}

/** Values for an identity are taken only if the session says so, for one table at a time. */
function withIdentity(table: string, inserted: readonly Placed[], statement: string): string {
  return inserted.some(({ column }) => column.identity)
    ? `SET IDENTITY_INSERT ${table} ON;\n${statement}SET IDENTITY_INSERT ${table} OFF;\n`
    : statement;
}
