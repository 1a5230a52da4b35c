import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sharedKafka, skipUnlessAvailable } from '@tributary/services';
import t from 'tap';
import { groupOf, type TestWorker, tempDir, testWorker, until } from '../support/worker.ts';

const STRING = 'org.apache.kafka.connect.storage.StringConverter';
const CONVERTERS = { 'key.converter': STRING, 'value.converter': STRING };
const noKafka = await skipUnlessAvailable('kafka');

async function workerProps(kafka: boolean, id: string): Promise<Record<string, string>> {
  if (!kafka) return CONVERTERS;
  return {
    ...CONVERTERS,
    'bootstrap.servers': await sharedKafka(),
    ...groupOf(id),
  };
}

const offsetsOf = async ({ call }: TestWorker, name: string) =>
  (await call('GET', `/connectors/${name}/offsets`)).json.offsets;

async function stop({ call, untilState }: TestWorker, name: string): Promise<void> {
  await call('PUT', `/connectors/${name}/stop`);
  await untilState(name, 'STOPPED');
}

for (const kafka of [false, true]) {
  t.test(`offsets on ${kafka ? 'Kafka' : 'the embedded log'}`, { skip: kafka && noKafka }, async (t) => {
    const id = `offsets-${process.pid}-${Date.now()}`;
    const worker = await testWorker(t, await workerProps(kafka, id));
    const { call, dir, untilState } = worker;
    const [input, output, source, sink] = [join(dir, 'in.txt'), join(dir, 'out.txt'), `${id}-source`, `${id}-sink`];
    const written = (): string => (existsSync(output) ? readFileSync(output, 'utf8') : '');
    writeFileSync(input, 'one\ntwo\n');
    await call('PUT', `/connectors/${source}/config`, {
      'connector.class': 'FileStreamSource',
      topic: id,
      file: input,
    });
    await call('PUT', `/connectors/${sink}/config`, { 'connector.class': 'FileStreamSink', topics: id, file: output });

    await t.test('are shown while a connector runs, and not changed', async (t) => {
      await until(() => written() === 'one\ntwo\n');
      const stored = [{ partition: { filename: input }, offset: { position: 8 } }];
      await until(async () => (await offsetsOf(worker, source)).length === 1);
      t.strictSame(await offsetsOf(worker, source), stored);
      await until(async () => (await offsetsOf(worker, sink)).length === 1);
      t.strictSame(await offsetsOf(worker, sink), [
        { partition: { kafka_partition: 0, kafka_topic: id }, offset: { kafka_offset: 2 } },
      ]);
      for (const [method, body] of [
        ['PATCH', { offsets: stored }],
        ['DELETE', undefined],
      ] as const) {
        const refused = await call(method, `/connectors/${source}/offsets`, body);
        t.equal(refused.status, 400);
        t.match(refused.json.message, /^Connectors must be in the STOPPED state before their offsets can be modified/);
      }
    });

    await t.test('of a source are set, and it goes on there', async (t) => {
      await stop(worker, source);
      const partition = { filename: input };
      const set = await call('PATCH', `/connectors/${source}/offsets`, {
        offsets: [
          { partition, offset: { position: 0 } },
          { partition, offset: { position: 4 } },
        ],
      });
      t.strictSame(
        [set.status, set.json],
        [200, { message: 'The offsets for this connector have been altered successfully' }],
      );
      t.strictSame(await offsetsOf(worker, source), [{ partition, offset: { position: 4 } }]);
      await call('PUT', `/connectors/${source}/resume`);
      await until(() => written() === 'one\ntwo\ntwo\n');
    });

    await t.test('of a source keep all their digits', async (t) => {
      await stop(worker, source);
      const before = (await call('GET', `/connectors/${source}/offsets`)).text;
      const entry = (position: string): string => `{"partition":{"filename":"big"},"offset":{"position":${position}}}`;
      await call('PATCH', `/connectors/${source}/offsets`, `{"offsets":[${entry('9007199254740993')}]}`);
      const { text } = await call('GET', `/connectors/${source}/offsets`);
      t.ok(text.includes(entry('9007199254740993')), text);
      await call('PATCH', `/connectors/${source}/offsets`, { offsets: [{ partition: { filename: 'big' } }] });
      t.equal((await call('GET', `/connectors/${source}/offsets`)).text, before);
    });

    await t.test('of a source are checked by the source', async (t) => {
      await stop(worker, source);
      const refused = await call('PATCH', `/connectors/${source}/offsets`, {
        offsets: [{ partition: { file: input }, offset: { position: 4 } }],
      });
      t.strictSame(
        [refused.status, refused.json.message],
        [400, "Partition objects should contain the key 'filename'"],
      );
      const nested = await call('PATCH', `/connectors/${source}/offsets`, {
        offsets: [{ partition: { filename: {} }, offset: { position: 4 } }],
      });
      t.match(nested.json.message, /^Offsets may only contain primitive types as values, but field filename/);
    });

    await t.test('of a source are reset, and it begins anew', async (t) => {
      const reset = await call('DELETE', `/connectors/${source}/offsets`);
      t.strictSame(reset.json, { message: 'The offsets for this connector have been reset successfully' });
      t.strictSame(await offsetsOf(worker, source), []);
      t.equal((await call('DELETE', `/connectors/${source}/offsets`)).status, 200, 'once more changes nothing');
      await worker.restart();
      t.strictSame(await offsetsOf(worker, source), [], 'nor does a restart');
      await call('PUT', `/connectors/${source}/resume`);
      await until(() => written() === 'one\ntwo\ntwo\none\ntwo\n');
    });

    await t.test('of a sink are set, and it goes on there', async (t) => {
      await stop(worker, sink);
      const set = await call('PATCH', `/connectors/${sink}/offsets`, {
        offsets: [{ partition: { kafka_topic: id, kafka_partition: '0' }, offset: { kafka_offset: '3' } }],
      });
      t.strictSame(
        [set.status, set.json],
        [200, { message: 'The offsets for this connector have been altered successfully' }],
      );
      writeFileSync(output, '');
      await call('PUT', `/connectors/${sink}/resume`);
      await until(() => written() === 'one\ntwo\n');
    });

    await t.test('of a sink in places that are not there are refused', async (t) => {
      await stop(worker, sink);
      const put = async (kafka_topic: string, kafka_partition: number): Promise<string> => {
        const { status, json } = await call('PATCH', `/connectors/${sink}/offsets`, {
          offsets: [{ partition: { kafka_topic, kafka_partition }, offset: { kafka_offset: 1 } }],
        });
        t.equal(status, 400);
        return json.message;
      };
      t.match(await put(id, 7), /^The topic '.*' has no partition 7: they are 0 to 0$/);
      t.match(await put('no-such-topic', 0), "There is no topic 'no-such-topic'");
    });

    await t.test('of a sink are reset, one or all of them, and it begins anew', async (t) => {
      const one = await call('PATCH', `/connectors/${sink}/offsets`, {
        offsets: [{ partition: { kafka_topic: id, kafka_partition: 0 }, offset: null }],
      });
      t.equal(one.status, 200);
      t.strictSame(await offsetsOf(worker, sink), []);
      const all = await call('DELETE', `/connectors/${sink}/offsets`);
      t.strictSame(all.json, { message: 'The offsets for this connector have been reset successfully' });
      writeFileSync(output, '');
      await call('PUT', `/connectors/${sink}/resume`);
      appendFileSync(input, 'three\n');
      await until(() => written() === 'one\ntwo\ntwo\none\ntwo\nthree\n');
      await untilState(sink, 'RUNNING', 1);
    });

    await t.test('of connectors that are not there are not found', async (t) => {
      const offsets = [{ partition: {}, offset: null }];
      for (const [method, body] of [
        ['GET', undefined],
        ['PATCH', { offsets }],
        ['DELETE', undefined],
      ] as const) {
        t.match(await call(method, '/connectors/nope/offsets', body), {
          status: 404,
          json: { message: 'Connector nope not found' },
        });
      }
    });
  });
}

const OUTSIDE = `
import { ConnectError, defineSink, defineSource } from '@tributary/api';
export const source = defineSource({
  class: 'example.OutsideSource', version: '1.0.0', config: {},
  async *run() {},
  async alterOffsets(config, offsets) { return false; },
});
export const broken = defineSource({
  class: 'example.BrokenSource', version: '1.0.0', config: {},
  async *run() {},
  alterOffsets() { throw new TypeError('a bug'); },
});
export const sink = defineSink({ class: 'example.PlainSink', version: '1.0.0', config: {}, start: () => ({ put() {} }) });`;

t.test('who keeps offsets elsewhere too is told to set them there', async (t) => {
  const folder = join(tempDir(t), 'plugins');
  mkdirSync(folder);
  writeFileSync(join(folder, 'outside.js'), OUTSIDE);
  const { call, untilState } = await testWorker(t, { 'plugin.path': folder });
  const create = async (name: string, config: object): Promise<void> => {
    await call('POST', '/connectors', { name, config, initial_state: 'STOPPED' });
    await untilState(name, 'STOPPED');
  };
  await create('source', { 'connector.class': 'example.OutsideSource' });
  await create('sink', { 'connector.class': 'example.PlainSink', topics: 'x' });
  await create('broken', { 'connector.class': 'example.BrokenSource' });
  const left = /^The Connect framework-managed offsets for this connector have been reset successfully\. However,/;
  t.match((await call('DELETE', '/connectors/source/offsets')).json.message, left);
  t.match((await call('DELETE', '/connectors/sink/offsets')).json.message, left, 'as does one that says nothing');
  t.match(await call('DELETE', '/connectors/broken/offsets'), { status: 500, json: { message: 'a bug' } });
});
