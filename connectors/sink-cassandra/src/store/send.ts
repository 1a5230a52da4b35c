import type { Client } from 'cassandra-driver';
import { types } from 'cassandra-driver';
import type { WriteBatch } from '../rows/partitioned-rows.ts';
import type { ConsistencyLevel } from '../settings/table-settings.ts';
import type { EncodedStatement } from './encoded-batches.ts';

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

/** Writes a batch; the client takes encoded ones. */
export async function send(client: Client, { plan, routingKey, inserts, deletes }: WriteBatch): Promise<void> {
  const statements: EncodedStatement[] = [
    { query: plan.insert, params: inserts },
    { query: plan.delete, params: deletes },
  ];
  await client.batch(statements.filter(({ params }) => params.length > 0) as Queries, {
    prepare: true,
    // One partition is one mutation, which is atomic by itself: a log of the batch would only cost.
    logged: false,
    consistency: CONSISTENCIES[plan.settings.consistencyLevel],
    routingKey: routingKey as Buffer[],
  });
}
