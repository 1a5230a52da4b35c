import type { Broker } from '../broker/port.ts';
import { transactionalIdOf } from '../config/exactly-once.ts';

/** Makes the producers of earlier tasks useless: whoever opens a producer with their transactional id is the only one that can write. */
export async function fenceTasks(broker: Broker, groupId: string, connector: string, tasks: number): Promise<void> {
  const ids = Array.from({ length: tasks }, (_none, task) => transactionalIdOf(groupId, connector, task));
  await Promise.all(
    ids.map(async (transactionalId) => {
      const producer = await broker.producer({ clientId: `${groupId}-fencing`, transactionalId });
      await producer.close();
    }),
  );
}
