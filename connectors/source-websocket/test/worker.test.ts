/** The source in a real worker, which is killed. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { binance } from '@tributary/source-simulator/serve';
import t, { type Test } from 'tap';
import { serve, subscribed, upTo } from './support/pulled.ts';
import { until } from './support/until.ts';

const BIN = resolve(import.meta.dirname, '../../../runtime/bin/tributary.js');

/** Starts a worker with an embedded log in a folder. The test runner's own options stay out of it. */
function worker(t: Test, dir: string, connectors: readonly string[]): ChildProcess {
  const args = ['--conditions=tributary-source', BIN, 'worker', 'worker.properties', ...connectors];
  const child = spawn('env', ['-u', 'NODE_OPTIONS', process.execPath, ...args], { cwd: dir, stdio: 'ignore' });
  t.teardown(() => child.kill('SIGKILL'));
  return child;
}

t.test('a worker that is killed goes on where it was: each trade is there once, or told to be missing', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'worker-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  const server = await serve(t, binance);
  const converters = [
    'key.converter=org.apache.kafka.connect.storage.StringConverter',
    'value.converter=org.apache.kafka.connect.json.JsonConverter',
    'value.converter.schemas.enable=false',
  ];
  const properties = [
    'bootstrap.servers=embedded:./log',
    'listeners=http://127.0.0.1:0',
    'offset.flush.interval.ms=200',
  ];
  writeFileSync(join(dir, 'worker.properties'), [...properties, ...converters].join('\n'));
  const write = (name: string, config: Record<string, string>): void =>
    writeFileSync(join(dir, `${name}.json`), JSON.stringify({ name, config }));
  write('source', {
    'connector.class': 'WebSocketSource',
    preset: 'binance',
    symbols: 'BTCUSDT',
    'websocket.url': server.url,
    topic: 'ticks',
    'gaps.topic': 'gaps',
    'reorder.wait.ms': '100',
  });
  // The sink runs in the second worker only, so that what it writes is what is in the topics.
  write('sink', {
    'connector.class': 'FileStreamSink',
    topics: 'ticks,gaps',
    file: join(dir, 'out.jsonl'),
    'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
  });

  const first = worker(t, dir, ['source.json']);
  await subscribed(server);
  for (let i = 0; i < 20; i++) {
    server.trade('BTCUSDT', 50);
    await new Promise((done) => setTimeout(done, 20));
  }
  first.kill('SIGKILL');
  await once(first, 'close');
  await until('it is gone', () => server.clients.size === 0);
  server.trade('BTCUSDT', 10);

  worker(t, dir, ['source.json', 'sink.json']);
  await subscribed(server);
  server.trade('BTCUSDT', 50);
  const lines = (): ReadonlyArray<Record<string, unknown>> =>
    existsSync(join(dir, 'out.jsonl'))
      ? readFileSync(join(dir, 'out.jsonl'), 'utf8')
          .split('\n')
          .filter((line) => line.endsWith('}'))
          .map((line) => JSON.parse(line) as Record<string, unknown>)
      : [];
  await until(
    'all are there',
    () => lines().some((line) => line.sequence === 1060) && lines().some((line) => 'reason' in line),
  );
  const delivered = lines().flatMap((line) => ('sequence' in line ? [line.sequence as number] : []));
  const missing = lines().flatMap((line) =>
    'reason' in line ? upTo((line.to as number) - (line.from as number) + 1, line.from as number) : [],
  );
  t.strictSame(
    [...delivered, ...missing].toSorted((a, b) => a - b),
    upTo(1060),
  );
  t.ok(
    upTo(10, 1001).every((sequence) => missing.includes(sequence)),
    'what happened without a worker is missing',
  );
  t.ok(delivered.length > 50, 'what happened before was there');
});
