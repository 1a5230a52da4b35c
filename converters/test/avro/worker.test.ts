/** A worker with AvroConverter: lines of a file become Avro with a schema in the registry, and come out of it again. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Props } from '@tributary/api';
import { sharedSchemaRegistry, skipUnlessAvailable } from '@tributary/services';
import t from 'tap';
import { testWorker, until } from '../../../runtime/test/support/worker.ts';
import { refuse, registryProxy } from '../support/registry-proxy.ts';

const skip = await skipUnlessAvailable('schema-registry');
const url = skip ? '' : await sharedSchemaRegistry();
const LINES = 5_000;
const SECRET = 'pa55word-of-the-registry';
const HEADER = `Basic ${Buffer.from(`ann:${SECRET}`).toString('base64')}`;

t.test(
  'records go through the registry, once asked for, with credentials that nobody sees',
  { skip, timeout: 120_000 },
  async (t) => {
    const door = await registryProxy(t, url);
    let isAway = true;
    door.intercept = ({ headers }, outgoing) =>
      headers.authorization !== HEADER ? refuse(outgoing, 401) : isAway && refuse(outgoing, 503);
    const worker = await testWorker(t);
    const [input, output] = [join(worker.dir, 'in.txt'), join(worker.dir, 'out.txt')];
    const lines = Array.from({ length: LINES }, (_, i) => `line ${i} é😀`);
    writeFileSync(input, `${lines.join('\n')}\n`);
    const topic = `worker-${process.pid}`;
    const converter: Props = {
      'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
      'value.converter': 'io.confluent.connect.avro.AvroConverter',
      'value.converter.schema.registry.url': door.url,
      'value.converter.basic.auth.credentials.source': 'USER_INFO',
      'value.converter.basic.auth.user.info': `ann:${SECRET}`,
      'value.converter.retries.wait.ms': '5',
      'errors.retry.timeout': '60000',
      'errors.retry.delay.max.ms': '100',
      'errors.log.enable': 'true',
    };
    const put = (name: string, config: Props) => worker.call('PUT', `/connectors/${name}/config`, config);
    const source = { 'connector.class': 'FileStreamSource', file: input, topic };
    const hoist: Props = {
      transforms: 'hoist',
      'transforms.hoist.type': 'org.apache.kafka.connect.transforms.HoistField$Value',
      'transforms.hoist.field': 'line',
    };
    t.match(await put('avro-src', { ...source, ...hoist, ...converter }), { status: 201 });
    const unhoist: Props = {
      transforms: 'line',
      'transforms.line.type': 'org.apache.kafka.connect.transforms.ExtractField$Value',
      'transforms.line.field': 'line',
    };
    t.match(
      await put('avro-snk', {
        'connector.class': 'FileStreamSink',
        file: output,
        topics: topic,
        ...unhoist,
        ...converter,
      }),
      {
        status: 201,
      },
    );
    await until(() => door.requests.length > 4);
    isAway = false;
    const size = statSync(input).size;
    await until(() => (statSync(output, { throwIfNoEntry: false })?.size ?? 0) >= size);
    t.equal(
      readFileSync(output, 'utf8'),
      readFileSync(input, 'utf8'),
      'each line once, in order, after the registry came back',
    );
    const { schema } = (await (await fetch(`${url}/subjects/${topic}-value/versions/1`)).json()) as { schema: string };
    t.match(JSON.parse(schema), { type: 'record', fields: [{ name: 'line', type: 'string' }] });
    t.ok(door.requests.length < 100, `${door.requests.length} requests for ${LINES} records`);

    t.match(
      await put('wrong', { ...source, ...converter, 'value.converter.basic.auth.user.info': `ann:not-${SECRET}` }),
      { status: 201 },
    );
    await until(
      async () => (await worker.call('GET', '/connectors/wrong/status')).json?.tasks?.[0]?.state === 'FAILED',
    );
    const { tasks } = (await worker.call('GET', '/connectors/wrong/status')).json;
    t.match(tasks[0].trace, /HTTP 401.*basic\.auth\.user\.info/);
    const answers = ['/connectors?expand=info', '/connectors/avro-src/config', '/connectors/avro-snk/tasks'];
    const rest = await Promise.all(answers.map(async (path) => (await worker.call('GET', path)).text));
    const shown = [...worker.log, JSON.stringify(tasks), ...rest].join('\n');
    t.notMatch(shown, new RegExp(SECRET));
    t.notMatch(shown, new RegExp(HEADER));
  },
);
