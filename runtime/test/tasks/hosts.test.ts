import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sharedKafka, skipUnlessAvailable } from '@tributary/services';
import t from 'tap';
import { groupOf, testWorker, until } from '../support/worker.ts';

const STRING = 'org.apache.kafka.connect.storage.StringConverter';

const read = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');

/** A folder on plugin.path as the README describes it: one file, and no copy of the api. */
function pluginFolder(dir: string, name: string, code: string): string {
  const folder = join(dir, 'plugins');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.js`), code);
  return folder;
}

const COUNTER = `
import { defineSource, int, Schema, string } from '@tributary/api';
export default defineSource({
  class: 'example.CounterSource',
  version: '1.0.0',
  config: { topic: string({ doc: 'Where to.' }), limit: int({ default: 100, doc: 'How far.' }) },
  async *run(config, { offsets, metrics }) {
    const made = metrics.counter('numbers-made-total', 'Numbers that were made.');
    const partition = { counter: 'main' };
    for (let n = (await offsets.get(partition))?.n ?? 0; n < config.limit; ) {
      n += 1;
      made.add();
      yield [{ topic: config.topic, value: n, valueSchema: Schema.int64(), sourcePartition: partition, sourceOffset: { n } }];
    }
  },
});`;

const MISFIT = `
import { defineSink } from '@tributary/api';
export default defineSink({
  class: 'example.MisfitSink',
  version: '1.0.0',
  config: {},
  start() { return { put() { throw new Error('I never take anything'); } }; },
});`;

/** Numbers its records on and on, whichever task has the partition: the number is committed with the offset. */
const NUMBERING = `
import { appendFileSync } from 'node:fs';
import { defineSink, string } from '@tributary/api';
export default defineSink({
  class: 'example.NumberingSink',
  version: '1.0.0',
  config: { file: string({ doc: 'Where to.' }) },
  start({ file }, { committed }) {
    let number = 0;
    return {
      open(partitions) {
        for (const place of partitions) number = Number(committed(place)?.metadata ?? 0);
      },
      put(records) {
        for (const { offset } of records) appendFileSync(file, \`\${++number}:\${offset}\\n\`);
      },
      preCommit: (offsets) => offsets.map((place) => ({ ...place, metadata: String(number) })),
    };
  },
});`;

const KAFKA = await skipUnlessAvailable('kafka');

for (const [isolation, kafka] of [
  ['shared', false],
  ['thread', false],
  ['process', false],
  ['shared', true],
  ['thread', true],
  ['process', true],
] as const) {
  t.test(
    `tasks with task.isolation=${isolation} on ${kafka ? 'Kafka' : 'the embedded log'}`,
    { skip: kafka && KAFKA },
    async (t) => {
      const id = `hosts-${isolation}-${process.pid}-${Date.now()}`;
      const broker = kafka ? { 'bootstrap.servers': await sharedKafka(), ...groupOf(id) } : {};
      const plugins = join(t.testdir(), 'plugins');
      pluginFolder(t.testdirName, 'counter', COUNTER);
      pluginFolder(t.testdirName, 'misfit', MISFIT);
      pluginFolder(t.testdirName, 'numbering', NUMBERING);
      const tested = await testWorker(t, { ...broker, 'task.isolation': isolation, 'plugin.path': plugins });
      const { call, dir, untilState } = tested;
      const [input, output, numbers] = [join(dir, 'in.txt'), join(dir, 'out.txt'), join(dir, 'numbers.txt')];
      const numbered = join(dir, 'numbered.txt');
      writeFileSync(input, 'one\n');
      const source = { 'connector.class': 'FileStreamSource', file: input, topic: `${id}-lines` };
      const sink = { 'connector.class': 'FileStreamSink', file: output, topics: `${id}-lines` };

      await call('POST', '/connectors', { name: `${id}-src`, config: source });
      await call('POST', '/connectors', { name: `${id}-snk`, config: sink });
      await call('POST', '/connectors', {
        name: `${id}-num`,
        config: {
          'connector.class': 'NumberingSink',
          file: numbered,
          topics: `${id}-lines`,
          'value.converter': STRING,
        },
      });
      await until(() => read(output) === 'one\n' && read(numbered) === '1:0\n');
      await call('PUT', `/connectors/${id}-src/pause`);
      await untilState(`${id}-src`, 'PAUSED', 1);
      appendFileSync(input, 'two\n');
      await call('PUT', `/connectors/${id}-src/resume`);
      await until(() => read(output) === 'one\ntwo\n');
      await tested.restart();
      appendFileSync(input, 'three\n');
      await until(() => read(output) === 'one\ntwo\nthree\n');
      t.pass('a copy goes on over pause, resume and restart');
      await until(() => read(numbered).endsWith('3:2\n'));
      t.equal(read(numbered), '1:0\n2:1\n3:2\n', 'what is committed with offsets goes on as well');

      const made = await call('POST', '/connectors', {
        name: `${id}-n`,
        config: { 'connector.class': 'CounterSource', topic: `${id}-numbers`, limit: 50 },
      });
      t.equal(made.status, 201, made.text);
      await call('POST', '/connectors', {
        name: `${id}-ns`,
        config: { 'connector.class': 'FileStreamSink', file: numbers, topics: `${id}-numbers` },
      });
      const wanted = Array.from({ length: 50 }, (_, i) => `${i + 1}\n`).join('');
      await until(() => read(numbers) === wanted);
      t.pass('a plugin out of a bare folder runs');

      await call('POST', '/connectors', {
        name: `${id}-bad`,
        config: { 'connector.class': 'MisfitSink', topics: `${id}-lines`, 'value.converter': STRING },
      });
      await until(async () => (await call('GET', `/connectors/${id}-bad/status`)).json?.tasks?.[0]?.state === 'FAILED');
      const [task] = (await call('GET', `/connectors/${id}-bad/status`)).json.tasks;
      t.match(
        task.trace,
        /^I never take anything \[connector .*-bad, task 0, stage TASK_PUT \(example.MisfitSink\), topic .*, partition 0, offset 0/,
      );
      appendFileSync(input, 'four\n');
      await until(() => read(output) === 'one\ntwo\nthree\nfour\n');
      t.pass('a plugin that fails fails its own task and nothing else');

      let metrics = '';
      const written = new RegExp(`source_record_write_total\\{connector="${id}-n",task="0"\\} 50\\b`);
      await until(async () => {
        metrics = (await call('GET', '/metrics')).text;
        return written.test(metrics);
      });
      t.match(metrics, new RegExp(`sink_record_send_total\\{connector="${id}-ns",task="0"\\} 50\\b`));
      t.match(metrics, new RegExp(`event_to_put_ms_count\\{connector="${id}-ns",task="0"\\} 50\\b`));
      t.match(metrics, `kafka_connect_plugins_numbers_made_total{connector="${id}-n",task="0"} 50\n`);
      t.match(
        metrics,
        new RegExp(`connector_task_metrics_status\\{connector="${id}-bad",task="0",status="FAILED"\\} 1`),
      );
      await call('DELETE', `/connectors/${id}-n`);
      await until(async () => !(await call('GET', '/metrics')).text.includes(`"${id}-n"`));
      t.pass('metrics go with their task');
    },
  );
}
