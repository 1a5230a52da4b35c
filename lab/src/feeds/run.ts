import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts, type KafkaHandle, kafka, Random } from '@tributary/services';
import {
  connectorConfigs,
  type FeedName,
  parseFaults,
  SimulatorServer,
  spelled,
} from '@tributary/source-simulator/serve';
import { LabWorker } from '../lab-worker.ts';
import { Rest } from '../rest.ts';
import { TopicLog } from '../topic-log.ts';
import { audit, type Books, type Dealt, type Delivered, type GapTold, type Verdict } from './account.ts';
import type { FeedOptions } from './options.ts';

const SYMBOLS = ['AAPL', 'BTC-USD', 'ETH-USD'];
const STRING = 'org.apache.kafka.connect.storage.StringConverter';
const [TICKS, GAPS] = ['ticks', 'gaps'];
const NUMBERED: ReadonlySet<FeedName> = new Set(['binance', 'coinbase', 'kraken']);
/** Feeds that do not answer a subscription. */
const UNACKNOWLEDGED: ReadonlySet<FeedName> = new Set(['finnhub', 'yahoo']);
const SLACK_MS = 500;
const START_MS = 120_000;
/** How long everything has to come once the market is closed, ms. */
const SETTLE_MS = 40_000;
const PARTITIONS = 3;

export interface FeedOutcome extends Verdict {
  readonly preset: FeedName;
  readonly kills: number;
}

interface Scene {
  readonly options: FeedOptions;
  readonly preset: FeedName;
  readonly folder: string;
  readonly kafka: KafkaHandle | null;
  readonly print: (line: string) => void;
}

/** One preset after the other. @param signal ends the faults early */
export async function runFeeds(
  options: FeedOptions,
  print: (line: string) => void,
  signal: AbortSignal,
): Promise<readonly FeedOutcome[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-feeds-'));
  print(`logs and data are in ${folder}`);
  const cluster = options.kafka ? await kafka({ jit: 'quick', heapMb: 400 }) : null;
  try {
    const outcomes: FeedOutcome[] = [];
    for (const preset of options.presets) {
      const own = mkdtempSync(join(folder, `${preset}-`));
      outcomes.push(await runFeed({ options, preset, folder: own, kafka: cluster, print }, signal));
      if (signal.aborted) break;
    }
    return outcomes;
  } finally {
    await cluster?.stop();
    if (!options.keep) rmSync(folder, { recursive: true, force: true });
  }
}

/** The schedule: times go by `everyMs`. Gaps are made only where they can be told. */
const faultsOf = ({ everyMs }: FeedOptions, preset: FeedName): string =>
  [
    `disconnect=${everyMs}ms`,
    `stall=${1.5 * everyMs}ms/${Math.max(everyMs / 5, 400)}ms`,
    `half-open=${2 * everyMs}ms`,
    'duplicate=0.02,reorder=0.02,malformed=0.01,http429=0.1',
    ...(NUMBERED.has(preset) ? ['gap=0.01,lost=0.005'] : []),
  ].join(',');

/** Half-open and silent connections are noticed soon, so that there are many of them. */
function sourceOf({ options, preset }: Scene, authority: string): Record<string, string> {
  const { config } = connectorConfigs(authority, SYMBOLS, null, null).find(({ name }) => name === preset)!;
  const { 'recovery.url': url, ...rest } = config;
  const soon = (part: number, least: number): string => String(Math.max(Math.round(options.everyMs / part), least));
  return {
    ...(rest as Record<string, string>),
    ...(options.recovery && url ? { 'recovery.url': url } : {}),
    topic: TICKS!,
    'gaps.topic': GAPS!,
    'tasks.max': '2',
    'ping.interval.ms': soon(15, 200),
    'ping.timeout.ms': soon(10, 500),
    'silence.timeout.ms': soon(6, 500),
    'reconnect.backoff.ms': '20',
    'reconnect.backoff.max.ms': '500',
  };
}

function workerProps({ kafka: cluster, preset, folder }: Scene): Record<string, string> {
  const own: Record<string, string> = cluster
    ? {
        'group.id': `feeds-${preset}`,
        'config.storage.topic': `feeds-${preset}-configs`,
        'offset.storage.topic': `feeds-${preset}-offsets`,
        'status.storage.topic': `feeds-${preset}-status`,
        'exactly.once.source.support': 'enabled',
        'session.timeout.ms': '6000',
        'heartbeat.interval.ms': '1500',
        'scheduled.rebalance.max.delay.ms': '0',
      }
    : {};
  return {
    'bootstrap.servers': cluster?.bootstrap ?? `embedded:${join(folder, 'log')}`,
    'key.converter': STRING,
    'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'value.converter.schemas.enable': 'false',
    'offset.flush.interval.ms': '500',
    ...own,
  };
}

async function runFeed(scene: Scene, signal: AbortSignal): Promise<FeedOutcome> {
  const { options, preset, folder, kafka: cluster, print } = scene;
  const log = cluster ? new TopicLog(cluster.bootstrap, folder) : null;
  if (log) await log.delete([TICKS!, GAPS!]);
  if (log) await log.create([TICKS!, GAPS!], PARTITIONS);
  const server = await SimulatorServer.start({ symbols: SYMBOLS, rate: options.rate, seed: options.seed });
  const [port] = await freePorts(1);
  const problems: string[] = [];
  const worker = new LabWorker({
    number: 1,
    port: port!,
    folder,
    props: workerProps(scene),
    onUnexpectedEnd: (_worker, how) => problems.push(`the worker ${how} by itself: see ${worker.logFile}`),
  });
  const rest = new Rest([worker]);
  try {
    worker.start();
    await worker.untilReady(START_MS);
    await rest.must('PUT', `/connectors/${preset}/config`, sourceOf(scene, server.authority));
    await untilBegun(server, preset);
    server.faults = parseFaults(faultsOf(options, preset));
    print(`${preset}: ${faultsOf(options, preset)}`);
    const kills = await killAgainAndAgain(scene, worker, signal);
    server.faults = parseFaults('');
    // What is missing shows by what follows.
    await sleep(2_000);
    await server.halt();
    const verdict = await verdictOf(scene, server, rest, log);
    const failed = await failures(rest, preset);
    return { ...verdict, preset, kills, violations: [...verdict.violations, ...problems, ...failed] };
  } finally {
    await worker.kill();
    await server.close();
  }
}

/** Waits until each symbol was told to somebody who stayed for a while, so that there is an offset to go on from. */
async function untilBegun(server: SimulatorServer, preset: FeedName): Promise<void> {
  const deadline = Date.now() + START_MS;
  const begun = (): boolean =>
    SYMBOLS.every((symbol) => {
      const account = server.ledger(preset).accounts.get(spelled(preset, symbol));
      return account !== undefined && account.sent.all.length > 0;
    });
  while (!begun()) {
    if (Date.now() > deadline) throw new Error(`nobody subscribed to all symbols of ${preset}`);
    await sleep(50);
  }
  await sleep(3_000);
}

/** @returns how often it was */
async function killAgainAndAgain({ options, print }: Scene, worker: LabWorker, signal: AbortSignal): Promise<number> {
  const random = new Random(options.seed);
  const over = AbortSignal.any([signal, AbortSignal.timeout(options.durationMs)]);
  const pause = (ms: number): Promise<void> => sleep(ms, undefined, { signal: over }).catch(() => {});
  let kills = 0;
  while (!over.aborted) {
    await pause(options.everyMs * (0.5 + random.next()));
    if (over.aborted) break;
    kills++;
    print(`  kill -9, number ${kills}`);
    await worker.kill();
    await pause(random.next() * 1_000);
    worker.start();
    await worker.untilReady(START_MS);
  }
  return kills;
}

/** Looks again until all is well, or the time is over. */
async function verdictOf(scene: Scene, server: SimulatorServer, rest: Rest, log: TopicLog | null): Promise<Verdict> {
  const { folder } = scene;
  const out = join(folder, 'out.jsonl');
  if (!log)
    await rest.must('PUT', '/connectors/look/config', {
      'connector.class': 'FileStreamSink',
      topics: `${TICKS},${GAPS}`,
      file: out,
      'value.converter': STRING,
    });
  const deadline = Date.now() + SETTLE_MS;
  for (;;) {
    const lines = log ? await committed(log) : written(out);
    const verdict = audit(booksOf(scene, server, lines));
    if (verdict.violations.length === 0 || Date.now() > deadline) return verdict;
    await sleep(2_000);
  }
}

type Line = Readonly<Record<string, unknown>>;

/** What a sink made of the topics. */
const written = (file: string): readonly Line[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line.endsWith('}'))
        .map((line) => JSON.parse(line) as Line)
    : [];

async function committed(log: TopicLog): Promise<readonly Line[]> {
  const lines: Line[] = [];
  await log.texts([TICKS!, GAPS!], 10_000, (text) => lines.push(JSON.parse(text) as Line));
  return lines;
}

function booksOf({ options, preset }: Scene, server: SimulatorServer, lines: readonly Line[]): Books {
  const { history, ledger } = { history: server.history(preset), ledger: server.ledger(preset) };
  const dealt = [...ledger.accounts].flatMap(([symbol, { first, last, sent, lost }]) =>
    history.all(symbol, first, last).map(
      ({ sequence, time, price, size }): Dealt => ({
        symbol,
        sequence,
        time,
        price: Number(price),
        size: Number(size),
        sent: sent.has(sequence),
        lost: lost.has(sequence),
      }),
    ),
  );
  const early = [...ledger.accounts].flatMap(([symbol, { first }]) => history.all(symbol, first - 200, first - 1));
  const known = new Set(
    [...dealt, ...early].map(({ symbol, time, price, size }) => `${symbol} ${time} ${Number(price)} ${Number(size)}`),
  );
  return {
    numbered: NUMBERED.has(preset),
    recovers: NUMBERED.has(preset) && options.recovery,
    slackMs: UNACKNOWLEDGED.has(preset) ? SLACK_MS : 0,
    dealt,
    known: ({ symbol, time, price, size }) => known.has(`${symbol} ${time} ${price} ${size}`),
    delivered: lines
      .filter((line) => !('reason' in line))
      .map((line) => ({ ...(line as unknown as Delivered), time: Number(line.event_time) })),
    gaps: lines.filter((line) => 'reason' in line) as unknown as readonly GapTold[],
  };
}

async function failures(rest: Rest, preset: FeedName): Promise<readonly string[]> {
  const { connector, tasks } = await rest.must('GET', `/connectors/${preset}/status`);
  return [connector, ...tasks]
    .filter(({ state }) => state !== 'RUNNING')
    .map(({ id, state, trace }) => `${id === undefined ? 'the connector' : `task ${id}`} is ${state}: ${trace ?? ''}`);
}
