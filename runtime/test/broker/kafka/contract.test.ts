import { sharedKafka } from '@tributary/services';
import t from 'tap';
import { openKafka } from '../../../src/broker/kafka/index.ts';
import { brokerContract } from '../contract.ts';

const bootstrap = await sharedKafka();

await brokerContract(t, 'Kafka', () =>
  openKafka({ configs: { 'bootstrap.servers': bootstrap }, clientId: 'contract' }),
);
