import type { Client } from 'cassandra-driver';
import { types } from 'cassandra-driver';
import type { WriteBatch } from '../rows/partitioned-rows.ts';
import type { ConsistencyLevel } from '../settings/table-settings.ts';

type Queries = Parameters<Client['batch']>[0];

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

/** Writes a batch. The values are bytes already, which the driver sends as they are. */
export async function send(client: Client, { plan, writes }: WriteBatch): Promise<void> {
  const consistency = CONSISTENCIES[plan.settings.consistencyLevel];
  const [first] = writes;
  if (writes.length === 1) {
    await client.execute(first!.query, first!.params as unknown[], { prepare: true, consistency });
    return;
  }
  // One partition is one mutation, which is atomic by itself: a log of the batch would only cost.
  await client.batch(writes as Queries, { prepare: true, logged: false, consistency });
}
