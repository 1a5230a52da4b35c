import type { SqlType, SqlValue } from '../engine/types.ts';
import { Reader } from './bytes.ts';
import { readTypeInfo, type WireType } from './type-info.ts';
import { readValue } from './values.ts';

/** The text of a SQL batch. */
export function readBatch(bytes: Buffer): string {
  return bytes.subarray(afterHeaders(bytes)).toString('utf16le');
}

/** Where the message begins behind its ALL_HEADERS. */
const afterHeaders = (bytes: Buffer): number => bytes.readUInt32LE(0);

export interface RpcParameter {
  /** With the @; empty if it goes by its place. */
  readonly name: string;
  readonly output: boolean;
  readonly type: SqlType;
  readonly value: SqlValue;
}

export interface RpcRequest {
  readonly procedure: string;
  readonly parameters: readonly RpcParameter[];
}

const PROCEDURES: Record<number, string> = {
  10: 'sp_executesql',
  11: 'sp_prepare',
  12: 'sp_execute',
  13: 'sp_prepexec',
  15: 'sp_unprepare',
};

export function readRpc(bytes: Buffer): RpcRequest {
  const from = new Reader(bytes);
  from.at = afterHeaders(bytes);
  const length = from.u16();
  const id = length === 0xffff ? from.u16() : undefined;
  const procedure = id === undefined ? from.text(length) : (PROCEDURES[id] ?? `procedure ${id}`);
  from.u16();
  const parameters: RpcParameter[] = [];
  while (!from.ended && from.peek() !== 0xff && from.peek() !== 0x80) {
    const name = from.shortText();
    const status = from.u8();
    const info = readTypeInfo(from);
    parameters.push({ name, output: (status & 1) !== 0, type: info.type, value: readValue(from, info) });
  }
  return { procedure, parameters };
}

export type TransactionRequest =
  | { readonly kind: 'begin'; readonly isolation: string | null; readonly name: string }
  | { readonly kind: 'commit' | 'rollback' | 'save'; readonly name: string }
  | { readonly kind: 'unknown'; readonly type: number };

const ISOLATION = [null, 'READ UNCOMMITTED', 'READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE', 'SNAPSHOT'];

/** A request of the transaction manager. */
export function readTransaction(bytes: Buffer): TransactionRequest {
  const from = new Reader(bytes);
  from.at = afterHeaders(bytes);
  const type = from.u16();
  const name = (): string => from.bytes(from.u8()).toString('utf16le');
  switch (type) {
    case 5: {
      const isolation = ISOLATION[from.u8()] ?? null;
      return { kind: 'begin', isolation, name: name() };
    }
    case 7:
      return { kind: 'commit', name: name() };
    case 8:
      return { kind: 'rollback', name: name() };
    case 9:
      return { kind: 'save', name: name() };
    default:
      return { kind: 'unknown', type };
  }
}

export interface BulkData {
  readonly columns: readonly { readonly name: string; readonly type: SqlType; readonly nullable: boolean }[];
  readonly rows: readonly (readonly SqlValue[])[];
}

/** The flag of a column that takes nulls, and of one of which the client does not know. */
const NULLABLE = 0x8001;
const TOKEN = { columns: 0x81, row: 0xd1, done: 0xfd };

/**
 * The rows of a bulk load.
 *
 * @throws Error where the tokens are not those of a bulk load
 */
export function readBulk(bytes: Buffer): BulkData {
  const from = new Reader(bytes);
  if (from.u8() !== TOKEN.columns) throw new Error('A bulk load begins with its columns.');
  const columns: { name: string; info: WireType; nullable: boolean }[] = [];
  for (let count = from.u16(); count > 0; count--) {
    from.u32();
    const nullable = (from.u16() & NULLABLE) !== 0;
    const info = readTypeInfo(from);
    if (info.form === 'pointer') from.text(from.u16());
    columns.push({ info, nullable, name: from.shortText() });
  }
  const rows: SqlValue[][] = [];
  while (!from.ended) {
    const token = from.u8();
    if (token === TOKEN.done) break;
    if (token !== TOKEN.row) throw new Error(`The token 0x${token.toString(16)} does not belong into a bulk load.`);
    rows.push(columns.map(({ info }) => readValue(from, info)));
  }
  return { columns: columns.map(({ name, info, nullable }) => ({ name, type: info.type, nullable })), rows };
}
