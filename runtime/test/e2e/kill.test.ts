import { createReadStream, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Props } from '@tributary/api';
import { freePorts, sharedKafka, skipUnlessAvailable } from '@tributary/services';
import t, { type Test } from 'tap';
import { workerProcess } from '../support/process.ts';
import { groupOf, tempDir, until } from '../support/worker.ts';

const LINES = 300_000;
const KILLS = 3;

const line = (n: number): string =>
  `{"n":${n},"symbol":"AAPL","price":${n % 997}.25,"note":"a line of some hundred bytes, as market data has"}`;

/** How often each line is in the file; lines that are none of ours count as wrong. */
async function occurrences(file: string): Promise<{ counts: Uint8Array; wrong: string[]; ordered: boolean }> {
  const counts = new Uint8Array(LINES);
  const wrong: string[] = [];
  let last = -1;
  let ordered = true;
  for await (const text of createInterface({ input: createReadStream(file) })) {
    const n = Number(/^\{"n":(\d+),/.exec(text)?.[1] ?? -1);
    if (n < 0 || text !== line(n)) wrong.push(text.slice(0, 200));
    else {
      counts[n]!++;
      if (n > last + 1) ordered = false;
      last = n;
    }
  }
  return { counts, wrong, ordered };
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** Copies a file through a topic while the worker is killed again and again. @returns the folder */
async function copyUnderFire(t: Test, props: Props, topic: string): Promise<string> {
  const dir = tempDir(t);
  const [input, output] = [join(dir, 'in.txt'), join(dir, 'out.txt')];
  writeFileSync(input, Array.from({ length: LINES }, (_, n) => `${line(n)}\n`).join(''));
  const total = sizeOf(input);
  const [port] = await freePorts(1);
  const converters = {
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
  };
  const connectors = [
    { name: `${topic}-source`, 'connector.class': 'FileStreamSource', file: input, topic, ...converters },
    { name: `${topic}-sink`, 'connector.class': 'FileStreamSink', file: output, topics: topic, ...converters },
  ];
  const all = { ...converters, 'offset.flush.interval.ms': '100', 'log.level': 'warn', ...props };
  for (let kills = 1; kills <= KILLS; kills++) {
    const worker = await workerProcess(t, dir, port!, all, kills === 1 ? connectors : []);
    await until(() => sizeOf(output) >= (total * kills) / (KILLS + 2));
    await worker.kill();
  }
  const last = await workerProcess(t, dir, port!, all);
  const names = await (await fetch(`${last.url}/connectors`)).json();
  t.same(
    names,
    connectors.map(({ name }) => name),
    'what was created before the kills is there',
  );
  await until(async () => sizeOf(output) >= total && (await occurrences(output)).counts.every((count) => count > 0));
  t.equal(await last.stop(), 0, 'it stops cleanly');
  return dir;
}

/** Another sink reads the topic from its beginning: the source wrote each line once, in order. */
async function eachLineOnce(t: Test, dir: string, props: Props, topic: string): Promise<void> {
  const [port] = await freePorts(1);
  const again = join(dir, 'again.txt');
  const converter = 'org.apache.kafka.connect.storage.StringConverter';
  const worker = await workerProcess(
    t,
    dir,
    port!,
    { ...props, 'key.converter': converter, 'value.converter': converter },
    [{ name: `${topic}-again`, 'connector.class': 'FileStreamSink', file: again, topics: topic }],
  );
  await until(() => sizeOf(again) >= sizeOf(join(dir, 'in.txt')));
  await worker.stop();
  const { counts, ordered, wrong } = await occurrences(again);
  t.ok(counts.every((count) => count === 1) && ordered && wrong.length === 0, 'the topic has each line once, in order');
}

t.test(
  'a copy through the embedded log survives kill -9: every line is there, and the log has each once',
  { timeout: 240_000 },
  async (t) => {
    const dir = await copyUnderFire(t, { 'bootstrap.servers': 'embedded:log' }, 'copy');
    const { counts, wrong } = await occurrences(join(dir, 'out.txt'));
    t.same(wrong, []);
    t.ok(counts.every((count) => count >= 1));
    await eachLineOnce(t, dir, { 'bootstrap.servers': 'embedded:log' }, 'copy');
  },
);

t.test(
  'a copy through Kafka with exactly-once support survives kill -9: every line is there, and the topic has each once',
  { skip: await skipUnlessAvailable('kafka'), timeout: 240_000 },
  async (t) => {
    const group = `kill-${process.pid}-${Date.now()}`;
    const props = {
      'bootstrap.servers': await sharedKafka(),
      ...groupOf(group),
      'exactly.once.source.support': 'enabled',
    };
    const dir = await copyUnderFire(t, props, group);
    const { counts, wrong } = await occurrences(join(dir, 'out.txt'));
    t.same(wrong, []);
    t.ok(counts.every((count) => count >= 1));
    await eachLineOnce(t, dir, props, group);
  },
);
