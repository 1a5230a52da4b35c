import { type Logger, parseConfig } from '@tributary/api';
import { Link, skipUnlessAvailable } from '@tributary/services';
import t, { type Test } from 'tap';
import { cassandraConfig } from '../src/config.ts';
import { Session } from '../src/store/session.ts';
import { deliver, type TestStore, testStore } from './support/store.ts';

const skip = await skipUnlessAvailable('cassandra');

const noLine = (): void => undefined;
const quiet: Logger = { trace: noLine, debug: noLine, info: noLine, warn: noLine, error: noLine };

/** A way to Cassandra that tells how many connections there are. */
async function linkTo(t: Test, store: TestStore): Promise<Link> {
  const link = await Link.open(store.address.port);
  t.teardown(() => link.close());
  return link;
}

const records = (id: number) => [{ topic: 't', timestamp: 1_700_000_000_000, value: { id } }];

const noneLeft = async (link: Link): Promise<void> => {
  while (link.connections > 0) await new Promise((done) => setTimeout(done, 20));
};

t.test('attempts to connect that come to nothing leave no connection', { skip, timeout: 60_000 }, async (t) => {
  await using store = await testStore();
  const link = await linkTo(t, store);
  const props = { ...store.props, port: String(link.port), 'loadBalancing.localDc': 'elsewhere' };
  const session = new Session(parseConfig(cassandraConfig, props).config, quiet);
  for (let attempt = 0; attempt < 3; attempt++) await t.rejects(session.connect(), { message: /'elsewhere'/ });
  await noneLeft(link);
  await session.close();
});

t.test('a connection that broke and was made anew is closed with the sink', { skip, timeout: 120_000 }, async (t) => {
  await using store = await testStore();
  await store.cql('CREATE TABLE t (id int PRIMARY KEY)');
  const link = await linkTo(t, store);
  const run = await store.run({ topics: 't', port: String(link.port), 'retry.backoff.max.ms': '100' });
  for (let id = 0; id < 3; id++) {
    await deliver(run, records(id));
    link.fault = 'refused';
    await t.rejects(run.put(records(id)), { name: 'RetriableError' });
    link.fault = null;
  }
  await deliver(run, records(3));
  await run.close();
  await noneLeft(link);
  t.same((await store.cql('SELECT id FROM t')).map(({ id }) => id).toSorted(), [0, 1, 2, 3]);
});

t.test('a sink that is stopped while it connects anew closes what it opens', { skip, timeout: 120_000 }, async (t) => {
  await using store = await testStore();
  await store.cql('CREATE TABLE t (id int PRIMARY KEY)');
  const link = await linkTo(t, store);
  const run = await store.run({ topics: 't', port: String(link.port), 'retry.backoff.max.ms': '100' });
  await deliver(run, records(0));
  link.fault = 'refused';
  await t.rejects(run.put(records(1)), { name: 'RetriableError' });
  link.fault = 'answers';
  while (link.connections === 0) await new Promise((done) => setTimeout(done, 20));
  await run.close();
  link.fault = null;
  await noneLeft(link);
});
