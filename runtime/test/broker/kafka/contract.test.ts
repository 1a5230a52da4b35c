import { sharedKafka, skipUnlessAvailable } from '@tributary/services';
import t from 'tap';
import { openKafka } from '../../../src/broker/kafka/index.ts';
import { brokerContract } from '../contract.ts';

t.test('one broker', { skip: await skipUnlessAvailable('kafka') }, async (t) => {
  const configs = { 'bootstrap.servers': await sharedKafka() };
  await brokerContract(t, 'Kafka', () => openKafka({ configs, clientId: 'contract' }));
});
