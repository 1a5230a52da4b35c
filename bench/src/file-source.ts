/**
 * How fast the file source hands out lines, without a worker around it.
 * node --conditions=tributary-source bench/src/file-source.ts [lines] [bytes per line]
 */
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeptMetrics, type SourceRecord } from '@tributary/api';
import { MemoryOffsets } from '@tributary/api/testing';
import fileSource from '@tributary/source-file';

const lines = Number(process.argv[2] ?? 2_000_000);
const width = Number(process.argv[3] ?? 120);
const folder = mkdtempSync(join(tmpdir(), 'tributary-bench-'));

async function makeFile(name: string, line: string): Promise<string> {
  const file = join(folder, name);
  const out = createWriteStream(file);
  const block = `${line}\n`.repeat(1000);
  for (let i = 0; i < lines / 1000; i++) if (!out.write(block)) await once(out, 'drain');
  out.end();
  await once(out, 'finish');
  return file;
}

async function measure(name: string, line: string): Promise<void> {
  const file = await makeFile(`${name}.txt`, line);
  const quiet = (): void => {};
  const abort = new AbortController();
  const config = { file, topic: 'bench', 'batch.size': 2000 };
  for (const round of ['warm-up', 'measured']) {
    const cpu = process.cpuUsage();
    const from = performance.now();
    let count = 0;
    let last: SourceRecord['value'] = null;
    for await (const batch of fileSource.run(config, {
      connector: 'bench',
      task: 0,
      props: {},
      log: { trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet },
      metrics: new KeptMetrics(),
      signal: abort.signal,
      offsets: new MemoryOffsets(),
      paused: false,
      transactions: null,
    })) {
      count += batch.length;
      last = batch.at(-1)?.value;
      if (count >= lines) break;
    }
    const seconds = (performance.now() - from) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    if (round === 'measured')
      console.log(
        `${name}: ${count} lines of ${Buffer.byteLength(line)} bytes, ${Math.round(count / seconds).toLocaleString('en')} lines/s, ` +
          `${((user + system) / count).toFixed(3)} us of CPU a line, ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB RSS` +
          (last === line ? '' : ' WRONG LINE'),
      );
  }
}

await measure('ascii', 'x'.repeat(width));
await measure('utf8', `é${'x'.repeat(width - 2)}`);
rmSync(folder, { recursive: true });
