import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ConfigError } from '@tributary/api';
import { readConnectorFile, readWorkerFile } from '../config/files.ts';
import { difference, type HistogramData, quantile } from '../metrics/histogram.ts';
import { parseArguments } from './arguments.ts';
import { CommandError } from './help.ts';
import { startSession, untilStopped } from './run.ts';

/** Beside the compiled code in a package, among the examples in a checkout. */
const EXAMPLE = ['../quickstart', '../../../examples/quickstart']
  .map((path) => resolve(import.meta.dirname, path))
  .find(existsSync);
const EVERY_MS = 1_000;

interface Totals {
  readonly read: number;
  readonly put: number;
  readonly lag: number;
  readonly latency: HistogramData | undefined;
}

/** `tributary quickstart`. @returns the exit code */
export async function runQuickstart(args: readonly string[]): Promise<number> {
  const { files, overrides } = parseArguments(args);
  if (files.length > 0) throw new CommandError(`quickstart takes no files, but '${files[0]}' was given`);
  if (EXAMPLE === undefined) throw new ConfigError('The connector files of the quickstart are missing');
  const worker = { 'log.level': 'warn', ...readWorkerFile(join(EXAMPLE, 'worker.properties')), ...overrides };
  const names = readdirSync(EXAMPLE).filter((name) => name.endsWith('.json'));
  mkdirSync('data', { recursive: true });
  const session = await startSession(
    worker,
    names.map((name) => readConnectorFile(join(EXAMPLE, name))),
  );
  const { url, report } = session.worker;
  console.log(`A market of simulated stocks flows into data/ticks.jsonl. The REST API is at ${url}; try in another terminal:

  curl ${url}/connectors?expand=status
  curl -X PUT ${url}/connectors/ticks-to-file/pause
  curl -X PUT ${url}/connectors/ticks-to-file/resume
  curl -X POST ${url}/connectors -H 'content-type: application/json' -d '{"name": "copy", "config": {
    "connector.class": "FileStreamSink", "topics": "ticks", "file": "data/copy.jsonl",
    "value.converter": "org.apache.kafka.connect.storage.StringConverter"}}'
  curl ${url}/metrics
  tail -f data/ticks.jsonl

Ctrl-C stops it; started again it goes on where it was, even after kill -9.
`);
  const totals = (): Totals => {
    const reports = report();
    const sinks = reports.flatMap(({ metrics }) => (metrics?.kind === 'sink' ? [metrics] : []));
    return {
      read: reports.reduce((sum, { metrics }) => sum + (metrics?.counters['source-record-write-total'] ?? 0), 0),
      put: sinks.reduce((sum, { counters }) => sum + counters['sink-record-send-total'], 0),
      lag: sinks.reduce((sum, { gauges }) => sum + gauges['sink-record-lag-max'], 0),
      latency: sinks[0]?.histograms['event-to-put-ms'],
    };
  };
  let before = totals();
  let since = performance.now();
  const show = (): void => {
    const now = totals();
    const seconds = (performance.now() - since) / 1_000;
    const latency = now.latency && difference(now.latency, before.latency);
    const p99 = latency && quantile(latency, 0.99);
    const rate = (count: number): string =>
      Math.max(0, Math.round(count / seconds))
        .toLocaleString('en')
        .padStart(9);
    const line = `in ${rate(now.read - before.read)}/s   out ${rate(now.put - before.put)}/s   lag ${String(now.lag).padStart(6)}   p99 latency ${p99 === null || p99 === undefined ? '-' : `${Math.round(p99)} ms`}   memory ${Math.round(process.memoryUsage.rss() / 1e6)} MB`;
    if (process.stdout.isTTY) process.stdout.write(`\r\u001b[K${line}`);
    else console.log(line);
    before = now;
    since = performance.now();
  };
  const timer = setInterval(show, EVERY_MS);
  return untilStopped(session, () => {
    clearInterval(timer);
    if (process.stdout.isTTY) process.stdout.write('\n');
  });
}
