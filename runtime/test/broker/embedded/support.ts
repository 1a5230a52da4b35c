import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { EmbeddedBroker } from '../../../src/broker/embedded/broker.ts';
import { openEmbedded } from '../../../src/broker/embedded/index.ts';
import type { Broker, RecordRead } from '../../../src/broker/port.ts';

/** A new folder within the test's own. */
export const newFolder = (testdir: string): string => mkdtempSync(join(testdir, 'log-'));

/** Opens the log of a folder. Housekeeping waits to be called unless configs say otherwise. */
export async function openFolder(
  folder: string,
  configs: Readonly<Record<string, string>> = {},
): Promise<EmbeddedBroker> {
  const broker = await openEmbedded({
    configs: {
      'bootstrap.servers': `embedded:${folder}`,
      'embedded.housekeeping.interval.ms': '3600000',
      ...configs,
    },
    clientId: 'test',
  });
  if (!(broker instanceof EmbeddedBroker)) throw new Error('not the embedded log');
  return broker;
}

/** Everything in a topic. */
export async function contents(broker: Broker, topic: string): Promise<RecordRead[]> {
  const seen: RecordRead[] = [];
  const { promise: failed, reject } = Promise.withResolvers<never>();
  failed.catch(() => {});
  const reader = broker.reader({
    clientId: 'test',
    topic,
    onRecords: (records) => void seen.push(...records),
    onError: reject,
  });
  try {
    await Promise.race([reader.readToEnd(), failed]);
  } finally {
    await reader.close();
  }
  return seen;
}
