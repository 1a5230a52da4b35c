import t from 'tap';
import type { EmbeddedBroker } from '../../../src/broker/embedded/broker.ts';
import { brokerContract } from '../contract.ts';
import { newFolder, openFolder } from './support.ts';

const folders = t.testdir();

brokerContract(t, 'The embedded log', () => openFolder(newFolder(folders)), {
  compact: (broker) => (broker as EmbeddedBroker).housekeep(),
});

brokerContract(
  t,
  'The embedded log that waits for the disk',
  () => openFolder(newFolder(folders), { 'embedded.flush': 'disk' }),
  { sections: ['producers', 'transactions', 'closing'] },
);
