import type { Client } from 'cassandra-driver';
import { types } from 'cassandra-driver';
import type { Row } from '../rows/plan.ts';
import type { ConsistencyLevel } from '../settings/table-settings.ts';

const CONSISTENCIES: Readonly<Record<ConsistencyLevel, number>> = {
  ANY: types.consistencies.any,
  ONE: types.consistencies.one,
  TWO: types.consistencies.two,
  THREE: types.consistencies.three,
  QUORUM: types.consistencies.quorum,
  ALL: types.consistencies.all,
  LOCAL_QUORUM: types.consistencies.localQuorum,
  EACH_QUORUM: types.consistencies.eachQuorum,
  LOCAL_ONE: types.consistencies.localOne,
};

/** Writes rows of one partition of one table. The values are bytes already, which the driver sends as they are. */
export async function send(client: Client, rows: readonly Row[]): Promise<void> {
  const [first] = rows;
  const { plan } = first!;
  const consistency = CONSISTENCIES[plan.settings.consistencyLevel];
  if (rows.length === 1) {
    await client.execute(statementOf(first!), first!.params as unknown[], { prepare: true, consistency });
    return;
  }
  const queries = rows.map((row) => ({ query: statementOf(row), params: row.params as unknown[] }));
  // One partition is one mutation, which is atomic by itself: a log of the batch would only cost.
  await client.batch(queries, { prepare: true, logged: false, consistency });
}

const statementOf = ({ plan, deletes }: Row): string => (deletes ? plan.delete : plan.insert);
