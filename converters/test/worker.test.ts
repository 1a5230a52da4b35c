/** A worker with these converters: lines of a file become messages with a schema in the registry, and come out of it again. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Props } from '@tributary/api';
import { sharedSchemaRegistry, skipUnlessAvailable } from '@tributary/services';
import t from 'tap';
import { testWorker, until } from '../../runtime/test/support/worker.ts';

const skip = await skipUnlessAvailable('schema-registry');
const url = skip ? '' : await sharedSchemaRegistry();
const LINES = 2_000;

const REGISTERED: ReadonlyArray<readonly [className: string, schema: RegExp]> = [
  ['io.confluent.connect.json.JsonSchemaConverter', /^\{"type":"object","properties":\{"line":\{/],
  [
    'io.confluent.connect.protobuf.ProtobufConverter',
    /^syntax = "proto3";\s+message ConnectDefault1 \{\s+string line = 1;/,
  ],
];

for (const [className, schema] of REGISTERED) {
  t.test(`records go through the registry with ${className}`, { skip, timeout: 120_000 }, async (t) => {
    const worker = await testWorker(t);
    const [input, output] = [join(worker.dir, 'in.txt'), join(worker.dir, 'out.txt')];
    writeFileSync(input, `${Array.from({ length: LINES }, (_, i) => `line ${i} é😀`).join('\n')}\n`);
    const topic = `worker-${process.pid}-${className.split('.').at(-1)}`;
    const converter: Props = {
      'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
      'value.converter': className,
      'value.converter.schema.registry.url': url,
    };
    const hoist: Props = {
      transforms: 'hoist',
      'transforms.hoist.type': 'org.apache.kafka.connect.transforms.HoistField$Value',
      'transforms.hoist.field': 'line',
    };
    const extract: Props = {
      transforms: 'line',
      'transforms.line.type': 'org.apache.kafka.connect.transforms.ExtractField$Value',
      'transforms.line.field': 'line',
    };
    const put = (name: string, config: Props) => worker.call('PUT', `/connectors/${name}/config`, config);
    const source = { 'connector.class': 'FileStreamSource', file: input, topic, ...hoist, ...converter };
    const sink = { 'connector.class': 'FileStreamSink', file: output, topics: topic, ...extract, ...converter };
    t.match(await put('src', source), { status: 201 });
    t.match(await put('snk', sink), { status: 201 });
    const size = statSync(input).size;
    await until(() => (statSync(output, { throwIfNoEntry: false })?.size ?? 0) >= size);
    t.equal(readFileSync(output, 'utf8'), readFileSync(input, 'utf8'), 'each line once, in order');
    const versions = await fetch(`${url}/subjects/${topic}-value/versions/latest`);
    t.match(await versions.json(), { version: 1, schema });
  });
}
