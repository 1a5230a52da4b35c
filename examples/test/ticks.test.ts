/**
 * Market data from its source through one topic into each store, by the configs in `examples/` and nothing else: what the topic holds is
 * what the store holds, also when it is played again.
 */
import { sharedKafka, skipUnlessAvailable } from '@tributary/services';
import t from 'tap';
import { groupOf } from '../../runtime/test/support/worker.ts';
import { newTopic, Pipeline } from './support/pipeline.ts';
import { example, STORES } from './support/stores.ts';

const TICKS = 10_000;

for (const [broker, skip, schemas] of [
  ['the embedded log', false, false],
  ['Kafka', await skipUnlessAvailable('kafka'), true],
] as const) {
  const how = `${schemas ? 'with' : 'without'} schemas`;
  t.test(`the ticks of a topic, ${how}, go from ${broker} into each store by its example`, { skip }, async (t) => {
    const topic = newTopic();
    const props = broker === 'Kafka' ? { 'bootstrap.servers': await sharedKafka(), ...groupOf(topic) } : {};
    const pipeline = await Pipeline.start(t, { topic, schemas, props });
    await pipeline.makeTicks(TICKS, TICKS);
    for (const { name, skip, shared } of STORES) {
      await t.test(name, { skip }, async (t) => {
        const to = await shared(t);
        t.ok(Object.keys(example(to.file, topic)).length < 12, 'less than 15 lines of JSON');
        const sink = await pipeline.runExample(to);
        await pipeline.untilAt(sink, TICKS);
        await pipeline.untilAt(`${topic}-to-file`, TICKS);
        const stored = await to.ticks(topic);
        t.same(stored, pipeline.ticks(to.key), 'the store has what the topic has');

        await pipeline.replay(sink);
        await pipeline.untilAt(sink, TICKS);
        t.same(await to.ticks(topic), stored, 'and nothing else after all was played again');
      });
    }
    t.equal(await pipeline.stop(), 0);
  });
}
