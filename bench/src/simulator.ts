/**
 * How fast the market simulator makes ticks, without a worker around it: the past is caught up with as fast as possible.
 * node --conditions=tributary-source bench/src/simulator.ts [ticks] [symbols]
 */
import { KeptMetrics } from '@tributary/api';
import { MemoryOffsets, parseOrThrow } from '@tributary/api/testing';
import marketSimulator from '@tributary/source-simulator';

const ticks = Number(process.argv[2] ?? 3_000_000);
const symbols = process.argv[3] ?? '8';
const quiet = (): void => {};

async function measure(extra: Record<string, string>): Promise<void> {
  const props = {
    topic: 'bench',
    'symbols.count': symbols,
    'rate.per.second': '1000000',
    'start.time': '2026-01-05T14:30:00Z',
    limit: String(ticks),
    ...extra,
  };
  const config = parseOrThrow(marketSimulator, props);
  const cpu = process.cpuUsage();
  const from = performance.now();
  let count = 0;
  let batches = 0;
  for await (const batch of marketSimulator.run(config, {
    connector: 'bench',
    task: 0,
    props,
    log: { trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet },
    metrics: new KeptMetrics(),
    signal: new AbortController().signal,
    offsets: new MemoryOffsets(),
    paused: false,
    transactions: null,
  })) {
    count += batch.length;
    batches++;
  }
  const seconds = (performance.now() - from) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  console.log(
    `${JSON.stringify(extra)} ${symbols} symbols: ${count} ticks, ${Math.round(count / seconds).toLocaleString('en')}/s, ` +
      `${((user + system) / count).toFixed(3)} us of CPU a tick, ${Math.round(count / batches)} a batch, ` +
      `${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB RSS`,
  );
}

await measure({ streams: '1' });
await measure({ streams: '1' });
await measure({});
await measure({ 'anomalies.per.hour': symbols });
