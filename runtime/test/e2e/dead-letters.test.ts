/** One bad record in every thousand: accepted and dead letters together are what was sent, also with kill -9 in between. */
import { createReadStream, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Props } from '@tributary/api';
import { freePorts, sharedKafka, skipUnlessAvailable } from '@tributary/services';
import t, { type Test } from 'tap';
import { workerProcess } from '../support/process.ts';
import { groupOf, tempDir, until } from '../support/worker.ts';

const LINES = Number(process.env['TRIBUTARY_LINES'] ?? 200_000);
const KILLS = 2;
const STRING = 'org.apache.kafka.connect.storage.StringConverter';
const JSON_CONVERTER = 'org.apache.kafka.connect.json.JsonConverter';

const isBad = (n: number): boolean => n % 1_000 === 500;
/** Bad ones in turn: no JSON, and JSON that the transform cannot take. */
const line = (n: number): string => {
  if (!isBad(n)) return `{"n":${n},"symbol":"AAPL","price":${n % 997}.25}`;
  return n % 2_000 === 500 ? `{"n":${n},` : JSON.stringify(`"n":${n}`);
};

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** How often each number is in a file. */
async function occurrences(file: string): Promise<Uint8Array> {
  const counts = new Uint8Array(LINES);
  if (sizeOf(file) === 0) return counts;
  for await (const text of createInterface({ input: createReadStream(file) })) {
    const n = Number(/n\\?":(\d+)/.exec(text)?.[1] ?? /n=(\d+)/.exec(text)?.[1]);
    counts[n]!++;
  }
  return counts;
}

async function copyWithDeadLetters(t: Test, props: Props, name: string): Promise<void> {
  const dir = tempDir(t);
  const [input, output, letters] = ['in.txt', 'out.txt', 'letters.txt'].map((file) => join(dir, file));
  writeFileSync(input!, Array.from({ length: LINES }, (_, n) => `${line(n)}\n`).join(''));
  const [port] = await freePorts(1);
  const all = { 'key.converter': STRING, 'value.converter': STRING, 'offset.flush.interval.ms': '100', ...props };
  const connectors: Props[] = [
    { name: `${name}-src`, 'connector.class': 'FileStreamSource', file: input!, topic: name },
    {
      name: `${name}-snk`,
      'connector.class': 'FileStreamSink',
      file: output!,
      topics: name,
      'value.converter': JSON_CONVERTER,
      'value.converter.schemas.enable': 'false',
      transforms: 'copy',
      'transforms.copy.type': 'org.apache.kafka.connect.transforms.ValueToKey',
      'transforms.copy.fields': 'n',
      'errors.tolerance': 'all',
      'errors.deadletterqueue.topic.name': `${name}-dlq`,
      'errors.deadletterqueue.topic.replication.factor': '1',
      'errors.deadletterqueue.context.headers.enable': 'true',
    },
    { name: `${name}-dlq`, 'connector.class': 'FileStreamSink', file: letters!, topics: `${name}-dlq` },
  ];
  for (let kills = 1; kills <= KILLS; kills++) {
    const worker = await workerProcess(t, dir, port!, all, kills === 1 ? connectors : []);
    await until(() => sizeOf(output!) >= (sizeOf(input!) * kills) / (KILLS + 2));
    await worker.kill();
  }
  const worker = await workerProcess(t, dir, port!, all);
  const complete = async (): Promise<boolean> => {
    if (sizeOf(letters!) === 0 || sizeOf(output!) < sizeOf(input!) / 2) return false;
    const [accepted, dead] = [await occurrences(output!), await occurrences(letters!)];
    return accepted.every((count, n) => (isBad(n) ? dead[n]! > 0 : count > 0));
  };
  while (!(await complete())) await new Promise((resolve) => setTimeout(resolve, 200));
  // The file of the letters is written at least once; another sink tells what is in the topic.
  const again = join(dir, 'again.txt');
  await fetch(`${worker.url}/connectors`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      name: `${name}-again`,
      config: { 'connector.class': 'FileStreamSink', file: again, topics: `${name}-dlq` },
    }),
  });
  const bad = Array.from({ length: LINES }, (_none, n) => n).filter(isBad).length;
  await until(async () => (await occurrences(again)).reduce((sum, count) => sum + count, 0) >= bad);
  t.equal(await worker.stop(), 0, 'it stops cleanly');
  t.ok(
    (await occurrences(again)).every((count, n) => count === (isBad(n) ? 1 : 0)),
    'the topic has each dead letter once',
  );
  const [accepted, dead] = [await occurrences(output!), await occurrences(letters!)];
  t.ok(
    accepted.every((count, n) => count === 0 || !isBad(n)),
    'no bad record is in the sink',
  );
  t.ok(
    dead.every((count, n) => count === 0 || isBad(n)),
    'no good record is a dead letter',
  );
  t.comment(
    `${LINES} sent; accepted ${accepted.filter((count) => count > 0).length}, dead letters ${dead.filter((count) => count > 0).length}; more than once: ${accepted.filter((count) => count > 1).length} accepted, ${dead.filter((count) => count > 1).length} letters`,
  );
}

t.test('through the embedded log', { timeout: 280_000 }, async (t) => {
  await copyWithDeadLetters(t, { 'bootstrap.servers': 'embedded:log' }, 'lines');
});

t.test(
  'through Kafka with exactly-once support',
  { skip: await skipUnlessAvailable('kafka'), timeout: 280_000 },
  async (t) => {
    const group = `dead-letters-${process.pid}-${Date.now()}`;
    await copyWithDeadLetters(
      t,
      {
        'bootstrap.servers': await sharedKafka(),
        ...groupOf(group),
        'exactly.once.source.support': 'enabled',
      },
      group,
    );
  },
);
