import {
  type Clock,
  ConnectError,
  defineSource,
  type SourceContext,
  type SourceRecordInput,
  systemClock,
} from '@tributary/api';
import { configDef, type HttpConfig, initialValues } from './config.ts';
import { Pages } from './pages.ts';
import { fromOffset, toOffset } from './position.ts';
import { validate } from './validate.ts';

/** The one place that there is to go on from. The topic is in it: whoever reads into another begins anew. */
const partitionOf = (config: HttpConfig) => ({ topic: config.topic });

/** The source with a clock of its own, for tests. */
export const httpSourceWith = (clock: Clock) =>
  defineSource({
    class: 'tributary.http.HttpSource',
    aliases: ['HttpSource', 'HttpJsonSource'],
    version: '0.1.0',
    doc: 'Asks any JSON API over HTTP again and again: page by page, and only for what is new.',
    config: configDef,
    validate,
    run: (config, context) => run(config, context, clock),
    alterOffsets(config, offsets) {
      for (const [partition, offset] of offsets) {
        if (!offset) continue; // a reset, which is fine even for partitions that make no sense
        if (typeof partition.topic !== 'string')
          throw new ConnectError("Partition objects should contain the key 'topic'");
        fromOffset(offset, config['offset.fields'], {});
      }
      return true;
    },
    exactlyOnceSupport: () => 'supported',
  });

/** Asks any JSON API. */
export const httpSource = httpSourceWith(systemClock);

async function* run(
  config: HttpConfig,
  context: SourceContext,
  clock: Clock,
): AsyncGenerator<readonly SourceRecordInput[], void, void> {
  const { offsets, signal } = context;
  const sourcePartition = partitionOf(config);
  const pages = new Pages(config, context, clock);
  const stored = await offsets.get(sourcePartition);
  let position = pages.resume(fromOffset(stored, config['offset.fields'], initialValues(config)));
  try {
    for (let count = 1; !signal.aborted; ) {
      const page = await pages.read(position);
      // A page counts once it is complete: its other records carry where it begins.
      const [before, after] = [toOffset(position), toOffset(page.next)];
      const last = page.records.length - 1;
      if (last >= 0)
        yield page.records.map((record, i) => ({
          ...record,
          sourcePartition,
          sourceOffset: i === last ? after : before,
        }));
      position = page.next;
      if (position.page !== null && count < config['paging.max.pages']) {
        count++;
        continue;
      }
      count = 1;
      await clock.sleep(config['poll.interval.ms'], signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await pages.close();
  }
}
