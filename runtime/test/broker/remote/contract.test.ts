import { MessageChannel } from 'node:worker_threads';
import t from 'tap';
import type { EmbeddedBroker } from '../../../src/broker/embedded/broker.ts';
import type { Broker } from '../../../src/broker/port.ts';
import { connectBroker, serveBroker } from '../../../src/broker/remote/index.ts';
import { brokerContract } from '../contract.ts';
import { newFolder, openFolder } from '../embedded/support.ts';

const folders = t.testdir();
const owners = new Map<Broker, EmbeddedBroker>();

/** Both ends in one thread: the messages are the same. */
async function overPort(): Promise<Broker> {
  const owner = await openFolder(newFolder(folders));
  const { port1, port2 } = new MessageChannel();
  const stop = serveBroker(owner, port1);
  const remote = await connectBroker(port2);
  const close = remote.close.bind(remote);
  const both = Object.assign(remote, {
    close: async () => {
      await close();
      await stop();
      await owner.close();
    },
  });
  owners.set(both, owner);
  return both;
}

brokerContract(t, 'A broker over a message port', overPort, {
  compact: (broker) => owners.get(broker)!.housekeep(),
});
