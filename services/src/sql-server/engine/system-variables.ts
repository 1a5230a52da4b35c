import type { BindContext, Bound } from './bound.ts';
import { constant } from './bound.ts';
import { sqlError } from './errors.ts';
import { BIGINT, decimal, INT, nvarchar, type SqlType, type SqlValue } from './types.ts';

export const VERSION = 'Microsoft SQL Server 2022 (RTM) - 16.0.1000.6 (double for tests, at the wire)';
export const SERVER_NAME = 'TDS-DOUBLE';

/** `@@ROWCOUNT` and its like. */
export function systemVariable(name: string, { session }: BindContext): Bound {
  const live = (type: SqlType, read: () => SqlValue): Bound => ({ type, eval: read, slots: [], nullable: true });
  switch (name) {
    case '@@trancount':
      return live(INT, () => BigInt(session.tranCount()));
    case '@@rowcount':
      return live(INT, () => BigInt(session.rowCount()));
    case '@@identity':
      return live(decimal(38, 0), session.identity);
    case '@@error':
      return live(INT, () => BigInt(session.caught()?.number ?? 0));
    case '@@spid':
      return constant(INT, BigInt(session.id));
    case '@@version':
      return constant(nvarchar(300), VERSION);
    case '@@servername':
      return constant(nvarchar(128), SERVER_NAME);
    case '@@max_precision':
      return constant(INT, 38n);
    case '@@dbts':
      return constant(BIGINT, 0n);
    default: {
      throw sqlError(137, name);
    }
  }
}
