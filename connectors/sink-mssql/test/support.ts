import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SinkRecord } from '@tributary/api';
import { type Props, parseConfig } from '@tributary/api';
import { type SinkRecordInput, sinkRecords } from '@tributary/api/testing';
import { timeZone } from '@tributary/api/text';
import type { Test } from 'tap';
import { type SinkConfig, sinkConfig } from '../src/config.ts';
import type { Zones } from '../src/convert/times.ts';
import type { Column, TableInfo } from '../src/table/info.ts';

/** A config of the sink as the runtime would parse it. */
export function configOf(props: Props = {}): SinkConfig {
  const { config, errors } = parseConfig(sinkConfig, {
    ...(props['connection.url'] === undefined && { 'connection.host': 'db' }),
    ...props,
  });
  if (errors.size > 0) throw new Error([...errors.values()].flat().join('\n'));
  return config;
}

export const zonesOf = (database = 'UTC', date = 'UTC'): Zones => ({
  database: timeZone(database),
  date: timeZone(date),
});

/** A column as the database would describe it: `decimal(18,4)`, `nvarchar(max)`, `int`. */
export function column(name: string, declared: string, rest: Partial<Column> = {}): Column {
  const [, type = declared, first, second] = /^(\w+)(?:\((\w+)(?:,(\d+))?\))?$/.exec(declared)!;
  const text = ['char', 'varchar', 'nchar', 'nvarchar', 'text', 'ntext'].includes(type);
  const size = first === undefined ? 0 : first === 'max' ? -1 : Number(first);
  return {
    name,
    type,
    maxLength: size > 0 && type.startsWith('n') && text ? size * 2 : size,
    precision: size,
    scale: second === undefined ? Math.max(0, size) : Number(second),
    collation: text ? 'SQL_Latin1_General_CP1_CI_AS' : null,
    codePage: text ? 1252 : null,
    nullable: true,
    identity: false,
    generated: false,
    hasDefault: false,
    ...rest,
  };
}

export const tableOf = (table: string, columns: readonly Column[], primaryKey: readonly string[] = []): TableInfo => ({
  name: { database: null, schema: 'dbo', table },
  isView: false,
  modified: '2026-01-02T03:04:05.678',
  columns,
  primaryKey,
});

export const recordOf = (input: Partial<SinkRecordInput>): SinkRecord =>
  sinkRecords([{ topic: 'topic', ...input }])[0]!;

/** Compares with a file of `test/golden`, which `UPDATE_GOLDEN=1` writes. */
export async function golden(t: Test, name: string, text: string): Promise<void> {
  const file = join(import.meta.dirname, 'golden', name);
  if (process.env['UPDATE_GOLDEN']) await writeFile(file, `${text.trimEnd()}\n`);
  t.equal(`${text.trimEnd()}\n`, await readFile(file, 'utf8'), `test/golden/${name}`);
}
