/** What the examples do with a wrong address, with poisoned records, and when the worker or the store is killed on the way. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Props } from '@tributary/api';
import t from 'tap';
import { until } from '../../runtime/test/support/worker.ts';
import { newTopic, Pipeline } from './support/pipeline.ts';
import { example, STORES } from './support/stores.ts';

const TICKS = 10_000;

for (const { name, skip, own } of STORES) {
  t.test(`an example for ${name}`, { skip }, async (t) => {
    const { store: to, server } = await own();
    t.teardown(() => server.stop());

    t.test('tells a wrong host from a right one before it starts', async (t) => {
      const topic = newTopic();
      const pipeline = await Pipeline.start(t, { topic, schemas: false });
      const config: Props = { name: 'x', ...example(to.file, topic), ...to.place };
      const check = async (changes: Props): Promise<Record<string, readonly string[]>> => {
        const path = `/connector-plugins/${config['connector.class']}/config/validate`;
        const { json } = await pipeline.call('PUT', path, { ...config, ...changes });
        const infos = json.configs as ReadonlyArray<{ value: { name: string; errors: string[] } }>;
        return Object.fromEntries(
          infos.flatMap(({ value: { name, errors } }) => (errors.length > 0 ? [[name, errors]] : [])),
        );
      };
      t.same(await check({}), {});
      const { key, value } = to.wrongPlace;
      const errors = await check({ [key]: value });
      t.same(Object.keys(errors), [key]);
      t.match(errors[key]?.join(), 'no-such-host.invalid');
      const refused = await pipeline.call('POST', '/connectors', { name: 'x', config: { ...config, [key]: value } });
      t.equal(refused.status, 400);
      t.match(refused.json.message, 'no-such-host.invalid');
    });

    t.test('loses no tick when the worker and the store are killed', async (t) => {
      const topic = newTopic();
      const pipeline = await Pipeline.start(t, { topic, schemas: true });
      await pipeline.makeTicks(TICKS, 2_000);
      const sink = await pipeline.runExample(to, to.eachTick);
      await pipeline.untilAt(sink, TICKS / 10);
      await pipeline.kill();
      await pipeline.restart();
      await pipeline.untilAt(sink, TICKS / 4);
      await server.kill();
      await until(() => pipeline.lines().length > TICKS / 2);
      await server.restart();
      await pipeline.untilAt(sink, TICKS);
      await pipeline.untilAt(`${topic}-to-file`, TICKS);
      const expected = pipeline.ticks();
      t.equal(expected.length, TICKS);
      t.same(await to.ticks(topic), expected);
    });

    t.test(
      'puts one poisoned record in a thousand into the dead letter queue, and all others into the store',
      async (t) => {
        const topic = newTopic();
        const pipeline = await Pipeline.start(t, { topic, schemas: false });
        const letters = `${topic}_letters`;
        const file = join(pipeline.dir, 'ticks.txt');
        writeFileSync(file, '');
        const text = { 'value.converter': 'org.apache.kafka.connect.storage.StringConverter' };
        await pipeline.create('lines', { 'connector.class': 'FileStreamSource', file, topic, ...text });
        const sink = await pipeline.runExample(to, {
          ...to.eachTick,
          'errors.tolerance': 'all',
          'errors.deadletterqueue.topic.name': letters,
          'errors.deadletterqueue.topic.replication.factor': '1',
          // A file has no keys.
          transforms: 'key,symbol',
          'transforms.key.type': 'org.apache.kafka.connect.transforms.ValueToKey',
          'transforms.key.fields': 'symbol',
          'transforms.symbol.type': 'org.apache.kafka.connect.transforms.ExtractField$Key',
          'transforms.symbol.field': 'symbol',
        });
        await pipeline.watch();
        const start = Date.now() - TICKS;
        const isPoisoned = (sequence: number): boolean => sequence % 1_000 === 500;
        const line = (sequence: number): string => {
          const price = isPoisoned(sequence) ? 'not for sale' : 100 + (sequence % 997) / 8;
          const time = start + sequence;
          const tick = { symbol: `S${sequence % 20}`, price, size: 1, bid: 99.5, ask: 101.5, exchange: 'X', sequence };
          return `${JSON.stringify({ ...tick, event_time: time, event_time_us: time * 1_000 })}\n`;
        };
        const lines = Array.from({ length: TICKS }, (_, sequence) => line(sequence));
        // The first ones show what columns and fields there are.
        appendFileSync(file, lines.slice(0, 100).join(''));
        await pipeline.untilAt(sink, 100);
        appendFileSync(file, lines.slice(100).join(''));
        await pipeline.untilAt(sink, TICKS);
        await pipeline.untilAt(`${topic}-to-file`, TICKS);
        await pipeline.watch(letters);
        await until(() => pipeline.lines(letters).length >= TICKS / 1_000);
        const poisoned = (tick: string): boolean => tick.includes('NaN');
        t.equal(pipeline.ticks().filter(poisoned).length, TICKS / 1_000);
        t.equal(pipeline.lines(letters).filter((letter) => letter.includes('not for sale')).length, TICKS / 1_000);
        t.equal(pipeline.lines(letters).length, TICKS / 1_000, 'each once');
        t.same(
          await to.ticks(topic),
          pipeline.ticks().filter((tick) => !poisoned(tick)),
        );
      },
    );
  });
}
