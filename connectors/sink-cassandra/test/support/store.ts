import { randomUUID } from 'node:crypto';
import type { Props } from '@tributary/api';
import { runSink, type SinkOptions, type SinkRun } from '@tributary/api/testing';
import { sharedCassandra } from '@tributary/services';
import { Client, policies, type types } from 'cassandra-driver';
import cassandraSink from '../../src/index.ts';

type Address = Awaited<ReturnType<typeof sharedCassandra>>;
type Rows = ReadonlyArray<Record<string, unknown>>;

/** A keyspace of a test's own on a real Cassandra, and a client to look into it. */
export class TestStore {
  readonly keyspace: string;
  readonly address: Address;
  readonly client: Client;

  constructor(keyspace: string, address: Address, client: Client) {
    this.keyspace = keyspace;
    this.address = address;
    this.client = client;
  }

  /** The keys that say where the store is. */
  get props(): Props {
    const { contactPoint, port, localDc } = this.address;
    return {
      name: 'test',
      'connector.class': 'CassandraSink',
      contactPoints: contactPoint,
      port: String(port),
      'loadBalancing.localDc': localDc,
      keyspace: this.keyspace,
      connectionPoolLocalSize: '1',
      'retry.backoff.ms': '20',
    };
  }

  /** The table's name in a config: `topic.<topic>.<keyspace>.<table>.<setting>`. */
  key(topic: string, table: string, setting = 'mapping'): string {
    return `topic.${topic}.${this.keyspace}.${table}.${setting}`;
  }

  /** Runs CQL in the keyspace. */
  async cql(text: string, params: unknown[] = []): Promise<Rows> {
    const result: types.ResultSet = await this.client.execute(text, params, { prepare: params.length > 0 });
    return (result.rows ?? []).map((row) => Object.fromEntries(row.keys().map((key) => [key, row.get(key)])));
  }

  run(props: Props, options?: SinkOptions): Promise<SinkRun> {
    return runSink(cassandraSink, { ...this.props, ...props }, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.execute(`DROP KEYSPACE IF EXISTS ${this.keyspace}`);
    await this.client.shutdown();
  }
}

/** @param address Default: the Cassandra that tests share */
export async function testStore(address?: Address): Promise<TestStore> {
  const at = address ?? (await sharedCassandra());
  const keyspace = `test_${randomUUID().replaceAll('-', '_')}`;
  // The driver's own pauses of up to ten minutes outlive a client that is shut down.
  const reconnection = new policies.reconnection.ConstantReconnectionPolicy(500);
  const options = {
    contactPoints: [`${at.contactPoint}:${at.port}`],
    localDataCenter: at.localDc,
    policies: { reconnection },
  };
  const client = new Client({
    ...options,
    encoding: { useBigIntAsLong: true, useBigIntAsVarint: true, map: Map, set: Set },
  });
  await client.connect();
  await client.execute(
    `CREATE KEYSPACE ${keyspace} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1} AND durable_writes = true`,
  );
  await client.execute(`USE ${keyspace}`);
  return new TestStore(keyspace, at, client);
}

/** Puts a batch again for as long as the sink asks for that, as the runtime does. */
export async function deliver(run: SinkRun, records: Parameters<SinkRun['put']>[0], attempts = 200): Promise<void> {
  const numbered = numberedFrom(run, records);
  for (let attempt = 1; ; attempt++) {
    try {
      return await run.put(numbered);
    } catch (error) {
      if ((error as { name?: string }).name !== 'RetriableError' || attempt === attempts) throw error;
      const asked = run.requests.findLast((request) => request.kind === 'retryAfter');
      await new Promise((done) => setTimeout(done, asked?.kind === 'retryAfter' ? asked.milliseconds : 100));
    }
  }
}

const nextOffsets = new WeakMap<SinkRun, number>();

/** Offsets that stay the same when the batch is put again. */
function numberedFrom(run: SinkRun, records: Parameters<SinkRun['put']>[0]): Parameters<SinkRun['put']>[0] {
  const first = nextOffsets.get(run) ?? 0;
  const numbered = records.map((record, i) => ({ ...record, offset: record.offset ?? first + i }));
  nextOffsets.set(run, Math.max(first, ...numbered.map(({ offset }) => offset + 1)));
  return numbered;
}
