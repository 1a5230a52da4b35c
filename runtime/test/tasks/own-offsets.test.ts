/** Sources with an offsets topic of their own (`offsets.storage.topic`, KIP-618). */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Props } from '@tributary/api';
import { sharedKafka, skipUnlessAvailable } from '@tributary/services';
import t from 'tap';
import { groupOf, testWorker, until } from '../support/worker.ts';

const STRING = 'org.apache.kafka.connect.storage.StringConverter';
const KAFKA = await skipUnlessAvailable('kafka');

const read = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');

for (const kafka of [false, true])
  t.test(
    `a source gets an offsets topic of its own and goes on where it was, ${kafka ? 'on Kafka with exactly-once' : 'on the embedded log'}`,
    { skip: kafka && KAFKA },
    async (t) => {
      const id = `own-${process.pid}-${Date.now()}`;
      const props: Props = kafka
        ? {
            'bootstrap.servers': await sharedKafka(),
            ...groupOf(id),
            'exactly.once.source.support': 'enabled',
          }
        : {};
      const worker = await testWorker(t, { ...props, 'key.converter': STRING, 'value.converter': STRING });
      const { call, dir, untilState } = worker;
      const [input, output] = [join(dir, 'in.txt'), join(dir, 'out.txt')];
      const config = { 'connector.class': 'FileStreamSource', file: input, topic: id };
      const source = `/connectors/${id}-src`;
      const offsets = async () => (await call('GET', `${source}/offsets`)).json.offsets;
      const at = (position: number) => [{ partition: { filename: input }, offset: { position } }];

      writeFileSync(input, 'one\n');
      await call('POST', '/connectors', { name: `${id}-src`, config });
      await call('POST', '/connectors', {
        name: `${id}-snk`,
        config: { 'connector.class': 'FileStreamSink', topics: id, file: output },
      });
      await until(() => read(output) === 'one\n');
      await until(async () => (await offsets())[0]?.offset.position === 4);

      const given = await call('PUT', `${source}/config`, { ...config, 'offsets.storage.topic': `${id}-own` });
      t.equal(given.status, 200, given.text);
      await untilState(`${id}-src`, 'RUNNING', 1);
      appendFileSync(input, 'two\n');
      await until(() => read(output) === 'one\ntwo\n');
      await until(async () => (await offsets())[0]?.offset.position === 8);
      t.same(await offsets(), at(8), 'it went on behind what the topic of the worker had');

      await worker.restart();
      appendFileSync(input, 'three\n');
      await until(() => read(output) === 'one\ntwo\nthree\n');
      await until(async () => (await offsets())[0]?.offset.position === 14);

      await call('PUT', `${source}/stop`);
      await untilState(`${id}-src`, 'STOPPED');
      t.equal((await call('PATCH', `${source}/offsets`, { offsets: at(8) })).status, 200);
      t.same(await offsets(), at(8));
      t.equal((await call('DELETE', `${source}/offsets`)).status, 200);
      t.same(await offsets(), [], 'the older offset in the topic of the worker does not come up again');
    },
  );
