import { ConnectError, defineSource, type SourceOffset, type SourcePartition } from '@tributary/api';
import { configDef, type WebSocketConfig } from './config.ts';
import { openFeed } from './open-feed.ts';
import { planConnections, taskConfigs } from './plan.ts';
import { openTask } from './task.ts';
import { validate } from './validate.ts';

/** Records of WebSocket feeds. */
export const webSocketSource = defineSource({
  class: 'tributary.websocket.WebSocketSource',
  aliases: ['WebSocketSource'],
  version: '0.1.0',
  doc:
    'Records of WebSocket feeds: market data of Binance, Coinbase, Kraken, Bybit, OKX, Finnhub, Alpaca, Polygon and Yahoo by preset, and of any other feed by config. ' +
    'It reconnects, drops what comes again, tells what is missing and fetches it where it can.',
  config: configDef,
  validate,
  async taskConfigs(config, maxTasks) {
    const { feed } = await openFeed(config);
    return taskConfigs(planConnections(config, feed, maxTasks), feed.oneConnection ? 1 : maxTasks);
  },
  async *run(config, context) {
    const task = await openTask(config, context);
    try {
      for (let batch = await task.next(); batch; batch = await task.next()) yield batch;
    } finally {
      await task.close();
    }
  },
  alterOffsets: (_config, offsets) => alterOffsets(offsets),
  exactlyOnceSupport: (config) => (isResumable(config) ? 'supported' : 'unsupported'),
});

/** Whether a restart can tell what was delivered before. */
const isResumable = (config: WebSocketConfig): boolean =>
  config.preset !== null || config['records.sequence'] !== null || config['records.id'] !== null;

/** Checks offsets that a user wants to set. @throws ConnectError for the first that is wrong */
function alterOffsets(offsets: ReadonlyArray<readonly [SourcePartition, SourceOffset | null]>): boolean {
  for (const [partition, offset] of offsets) {
    if (!offset) continue; // a reset, which is fine even for partitions that make no sense
    if (typeof partition.feed !== 'string' || typeof partition.symbol !== 'string')
      throw new ConnectError("Partition objects should contain the keys 'feed' and 'symbol', both text");
    const { sequence, ids } = offset;
    if (sequence !== undefined && !Number.isSafeInteger(sequence))
      throw new ConnectError(`The offset's 'sequence' must be a whole number; it is ${JSON.stringify(sequence)}`);
    if (ids !== undefined && typeof ids !== 'string')
      throw new ConnectError(`The offset's 'ids' must be text; it is ${JSON.stringify(ids)}`);
  }
  return true;
}
