import type { OutputColumn } from '../engine/bound.ts';
import type { SqlError } from '../engine/errors.ts';
import { SERVER_NAME } from '../engine/system-variables.ts';
import type { TransactionEvent } from '../engine/transaction.ts';
import type { SqlType, SqlValue } from '../engine/types.ts';
import { Writer } from './bytes.ts';
import { COLLATION, writeTypeInfo } from './type-info.ts';
import { writeValue } from './values.ts';

export const DONE = { more: 0x01, error: 0x02, inTransaction: 0x04, count: 0x10, attention: 0x20 } as const;
export type DoneToken = 'batch' | 'procedure' | 'statement';

const DONE_TOKENS: Record<DoneToken, number> = { batch: 0xfd, procedure: 0xfe, statement: 0xff };
const NULLABLE = 0x01;
const UPDATABLE = 0x08;

export function writeDone(to: Writer, token: DoneToken, status: number, command: number, count: number): void {
  to.u8(DONE_TOKENS[token]).u16(status).u16(command).i64(BigInt(count));
}

export function writeColumns(to: Writer, columns: readonly OutputColumn[]): void {
  to.u8(0x81).u16(columns.length);
  for (const { name, type, nullable } of columns) {
    to.u32(0).u16(UPDATABLE | (nullable ? NULLABLE : 0));
    writeTypeInfo(to, type);
    to.shortText(name);
  }
}

export function writeRow(to: Writer, types: readonly SqlType[], row: readonly SqlValue[]): void {
  to.u8(0xd1);
  types.forEach((type, at) => {
    writeValue(to, type, row[at]!);
  });
}

export const writeError = (
  to: Writer,
  { number, state, class: level, message, line }: SqlError,
  procedure: string,
): void => writeMessage(to, 0xaa, { number, state, level, message, line }, procedure);

export const writeInfo = (to: Writer, message: string, number = 0): void =>
  writeMessage(to, 0xab, { number, state: 1, level: 0, message, line: 1 }, '');

function writeMessage(
  to: Writer,
  token: number,
  of: { number: number; state: number; level: number; message: string; line: number },
  procedure: string,
): void {
  const body = new Writer();
  body
    .i32(of.number)
    .u8(of.state)
    .u8(of.level)
    .longText(of.message)
    .shortText(SERVER_NAME)
    .shortText(procedure)
    .i32(of.line);
  to.u8(token).u16(body.length).bytes(body.written);
}

export function writeReturnStatus(to: Writer, status: number): void {
  to.u8(0x79).i32(status);
}

export function writeReturnValue(to: Writer, ordinal: number, name: string, type: SqlType, value: SqlValue): void {
  to.u8(0xac).u16(ordinal).shortText(name).u8(1).u32(0).u16(NULLABLE);
  writeTypeInfo(to, type);
  writeValue(to, type, value);
}

const CHANGES = { database: 1, language: 2, packetSize: 4, begin: 8, commit: 9, rollback: 10, reset: 18 } as const;

export function writeTextChange(
  to: Writer,
  kind: 'database' | 'language' | 'packetSize',
  value: string,
  before: string,
): void {
  change(to, CHANGES[kind], (body) => body.shortText(value).shortText(before));
}

export function writeCollationChange(to: Writer): void {
  change(to, 7, (body) => body.u8(COLLATION.length).bytes(COLLATION).u8(0));
}

export function writeReset(to: Writer): void {
  change(to, CHANGES.reset, (body) => body.u8(0).u8(0));
}

export function writeTransaction(to: Writer, { kind, descriptor }: TransactionEvent): void {
  change(to, CHANGES[kind], (body) =>
    kind === 'begin' ? body.u8(8).i64(descriptor).u8(0) : body.u8(0).u8(8).i64(descriptor),
  );
}

function change(to: Writer, type: number, fill: (body: Writer) => void): void {
  const body = new Writer();
  body.u8(type);
  fill(body);
  to.u8(0xe3).u16(body.length).bytes(body.written);
}
