import t from 'tap';
import { openKafka } from '../../../src/broker/kafka/index.ts';
import { brokerContract } from '../contract.ts';
import { randomFaults } from '../fault-proxy.ts';
import { proxiedKafka } from './proxied-kafka.ts';

const { proxy, bootstrap, stop } = await proxiedKafka();
t.teardown(stop);

const configs = { 'bootstrap.servers': bootstrap, 'request.timeout.ms': '3000', 'retry.backoff.ms': '20' };
proxy.plan = randomFaults(20_260_101, 0.03, ['cutBefore', 'cutAfter', 'cutWithin', 'swallow', 200]);

await brokerContract(t, 'Kafka behind a faulty network', () => openKafka({ configs, clientId: 'contract' }), {
  patienceMs: 60_000,
});
t.ok(
  [...proxy.faults.values()].every((count) => count > 0) && proxy.faults.size === 5,
  `every kind of fault happened: ${[...proxy.faults].map(([kind, count]) => `${kind} ${count}`).join(', ')}`,
);
