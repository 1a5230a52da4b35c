import { skipUnlessAvailable } from '@tributary/services';
import t from 'tap';
import { openKafka } from '../../../src/broker/kafka/index.ts';
import { brokerContract } from '../contract.ts';
import { randomFaults } from '../fault-proxy.ts';
import { proxiedKafka } from './proxied-kafka.ts';

t.test('one broker behind a proxy', { skip: await skipUnlessAvailable('kafka') }, async (t) => {
  const { proxy, bootstrap, stop } = await proxiedKafka();
  t.teardown(stop);
  const configs = { 'bootstrap.servers': bootstrap, 'request.timeout.ms': '3000', 'retry.backoff.ms': '20' };
  proxy.plan = randomFaults(20_260_101, 0.03, ['cutBefore', 'cutAfter', 'cutWithin', 'swallow', 200]);
  await brokerContract(t, 'Kafka on a faulty network', () => openKafka({ configs, clientId: 'contract' }), {
    answersGetLost: true,
    patienceMs: 60_000,
  });
  t.equal(proxy.faults.size, 5, `every kind of fault happened: ${[...proxy.faults].join(' ')}`);
});
