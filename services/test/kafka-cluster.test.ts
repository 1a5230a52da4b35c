import t from 'tap';
import { kafka, skipUnlessAvailable } from '../src/index.ts';
import { aliveBrokers } from '../src/wire.ts';
import { read, write } from './topic.ts';
import { until } from './until.ts';

const skip = await skipUnlessAvailable('kafka');
// A killed broker can register again only when its session has ended, by default after 9 s.
const shortSession = { 'broker.session.timeout.ms': 2_000, 'broker.heartbeat.interval.ms': 250 };

t.test('three brokers form one cluster that outlives the loss of one', { skip }, async (t) => {
  await using cluster = await kafka({ brokers: 3, jit: 'quick', heapMb: 256, properties: shortSession });
  const [first, second] = cluster.brokers;
  for (const broker of cluster.brokers) t.same((await aliveBrokers(broker.port)).sort(), [1, 2, 3]);
  await write(cluster.bootstrap, 'prices', 'three brokers');

  await second!.kill();
  await until('the others notice', async () => !(await aliveBrokers(first!.port)).includes(2));
  await write(cluster.bootstrap, 'prices', 'two brokers');
  await second!.restart();
  t.same((await aliveBrokers(second!.port)).sort(), [1, 2, 3]);
  t.same(await read(cluster.bootstrap, 'prices'), ['three brokers', 'two brokers']);
});
