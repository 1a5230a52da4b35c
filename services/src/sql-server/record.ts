import type { SqlError } from './engine/errors.ts';
import { decimalText } from './engine/numbers.ts';
import * as time from './engine/time.ts';
import { exactScale, family, type OffsetTime, type SqlType, type SqlValue, typeText } from './engine/types.ts';

/** A value of a row or parameter, exact: decimals and times are text, bigints are bigints. */
export type ShownValue = null | boolean | number | bigint | string | Buffer;

/** A request that a client made. */
export interface RecordedStatement {
  readonly kind: 'batch' | 'rpc' | 'bulk' | 'transaction';
  /** The text; of a bulk load `BULK LOAD <table>`, of the transaction manager `COMMIT TRANSACTION` and its like. */
  readonly sql: string;
  readonly parameters: readonly { readonly name: string; readonly type: string; readonly value: ShownValue }[];
  /** The session's number. */
  readonly session: number;
  /** Of a bulk load. */
  readonly rows: number;
  /** The errors that it was answered with. */
  readonly errors: readonly { readonly number: number; readonly message: string; readonly line: number }[];
}

/** The most requests that are kept: the newest. */
const KEPT = 20_000;

/** The requests in the order in which they came. */
export class StatementLog {
  readonly #kept: RecordedStatement[] = [];

  get all(): readonly RecordedStatement[] {
    return this.#kept;
  }

  clear(): void {
    this.#kept.length = 0;
  }

  /** @returns what to call with each of its errors */
  add(statement: Omit<RecordedStatement, 'errors' | 'rows'> & { readonly rows?: number }): (error: SqlError) => void {
    const errors: { number: number; message: string; line: number }[] = [];
    this.#kept.push({ rows: 0, ...statement, errors });
    if (this.#kept.length > KEPT) this.#kept.splice(0, KEPT / 2);
    return ({ number, message, line }) => errors.push({ number, message, line });
  }
}

export const shownParameter = (
  name: string,
  type: SqlType,
  value: SqlValue,
): RecordedStatement['parameters'][number] => ({
  name,
  type: typeText(type),
  value: shown(type, value),
});

/** A value as tests look at it: `2024-01-02 03:04:05.0000000` for times, text with all digits for decimals. */
export function shown(type: SqlType, value: SqlValue): ShownValue {
  if (value === null) return null;
  switch (family(type)) {
    case 'exact':
      if (type.name === 'bit') return value === 1n;
      if (type.name === 'bigint') return value as bigint;
      return exactScale(type) === 0 && type.precision === 0
        ? Number(value)
        : decimalText(value as bigint, exactScale(type));
    case 'date':
      return time.dateText(value as number);
    case 'time':
      return time.timeText(value as number, type.scale);
    case 'datetime':
      return moment(value as bigint, type.name === 'datetime2' ? type.scale : type.name === 'datetime' ? 3 : 0);
    case 'offset':
      return `${moment(time.local(value as OffsetTime), type.scale)} ${time.offsetText((value as OffsetTime).offset)}`;
    default:
      return value as string | number | Buffer;
  }
}

const moment = (ticks: bigint, scale: number): string =>
  `${time.dateText(time.daysOf(ticks))} ${time.timeText(time.timeOf(ticks), scale)}`;
