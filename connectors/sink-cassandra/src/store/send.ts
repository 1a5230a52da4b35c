import type { Client } from 'cassandra-driver';
import { types } from 'cassandra-driver';
import { valuesOf } from '../codec/row-writer.ts';
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
export async function send(client: Client, batch: WriteBatch): Promise<void> {
  const { plan, routingKey, discards, inserts, deletes } = batch;
  const options = { prepare: true, consistency: CONSISTENCIES[plan.settings.consistencyLevel] };
  if (batch.rows === 1 && discards.length === 0) {
    // Not as a batch: ScyllaDB has a limit for those, also where there is nothing but one large value in it.
    const [query, row] = inserts.length > 0 ? [plan.insert, inserts[0]!] : [plan.delete, deletes[0]!];
    await client.execute(query, valuesOf(row).map(unsetOr), options);
    return;
  }
  const statements: EncodedStatement[] = [
    { query: plan.listItems?.statement ?? '', params: discards },
    { query: plan.insert, params: inserts },
    { query: plan.delete, params: deletes },
  ];
  // One partition is one mutation, which is atomic by itself: a log of the batch would only cost.
  await client.batch(statements.filter(({ params }) => params.length > 0) as Queries, {
    ...options,
    logged: false,
    routingKey: routingKey as Buffer[],
  });
}

const unsetOr = (value: Buffer | null | undefined): unknown => (value === undefined ? types.unset : value);
