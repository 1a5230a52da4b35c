/** Each preset under faults made by chance. TRIBUTARY_SEED names another schedule, TRIBUTARY_FAULTS its length. */

import type { SourceRecord } from '@tributary/api';
import { MemoryOffsets } from '@tributary/api/testing';
import {
  alpaca,
  binance,
  coinbase,
  type FeedServer,
  finnhub,
  kraken,
  nameOf,
  type Protocol,
  polygon,
  type Trade,
} from '@tributary/source-simulator/serve';
import t, { type Test } from 'tap';
import { gapsOf, type Pulled, serve, start, subscribed, ticksOf } from './support/pulled.ts';
import { until } from './support/until.ts';

t.jobs = 9;

const seed = Number(process.env.TRIBUTARY_SEED ?? 7);
const faults = Number(process.env.TRIBUTARY_FAULTS ?? 30);

/** A generator of numbers in [0, 1) (mulberry32). */
function chance(from: number): () => number {
  let state = from;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** So that what is half open or silent is noticed soon. */
const limits = {
  'ping.interval.ms': '200',
  'ping.timeout.ms': '500',
  'silence.timeout.ms': '600',
  'reconnect.backoff.max.ms': '20',
};

/** What a schedule needs to know of a run. */
interface Scene {
  readonly server: FeedServer;
  readonly symbols: readonly string[];
  readonly random: () => number;
  /** Trades that the server sent over a connection that was then cut in the middle, so that they may have been lost. */
  readonly doubtful: Set<string>;
}

type Fault = (scene: Scene, symbol: string) => Promise<void>;

const back = (scene: Scene): Promise<void> => subscribed(scene.server, scene.symbols.length);

const FAULTS: Readonly<Record<string, Fault>> = {
  async trades({ server, random }, symbol) {
    server.trade(symbol, 1 + Math.floor(random() * 20));
  },
  async duplicate({ server, random }, symbol) {
    const all = server.trades.get(symbol) ?? [];
    const sent = all.filter((trade) => !server.withheld.has(nameOf(trade)));
    server.send(sent.slice(-1 - Math.floor(random() * 5)));
  },
  async reorder({ server }, symbol) {
    const [a, b, c] = server.make(symbol, 3);
    for (const one of [b, c, a]) server.send([one!]);
  },
  async gap({ server, random }, symbol) {
    server.make(symbol, 1 + Math.floor(random() * 3));
    server.trade(symbol, 1);
  },
  async malformed({ server }) {
    for (const frame of ['{"e":"trade","s":', '[]]', 'nonsense', Buffer.from([0xff, 0x00, 0x13])])
      server.broadcast(frame);
  },
  async disconnect(scene) {
    scene.server.disconnect();
    await until('all are gone', () => scene.server.clients.size === 0);
    await back(scene);
  },
  async cut(scene, symbol) {
    for (const trade of scene.server.trade(symbol, 3)) scene.doubtful.add(nameOf(trade));
    for (const client of scene.server.clients) client.ws.terminate();
    await until('all are gone', () => scene.server.clients.size === 0);
    await back(scene);
  },
  async refused(scene) {
    scene.server.refusals.push(429, 503);
    await FAULTS.disconnect!(scene, '');
  },
  async halfOpen(scene, symbol) {
    scene.server.kill();
    for (const client of scene.server.clients) client.symbols.clear();
    scene.server.make(symbol, 2);
    await back(scene);
  },
  async stall(scene, symbol) {
    // Pings are answered, but nothing else comes.
    for (const client of scene.server.clients) client.symbols.clear();
    scene.server.make(symbol, 2);
    await back(scene);
  },
};

/** Runs a schedule, with a restart of the source in its middle. @returns the runs */
async function runSchedule(t: Test, scene: Scene, begin: () => Promise<Pulled>): Promise<readonly Pulled[]> {
  const names = Object.keys(FAULTS);
  const runs: Pulled[] = [];
  // The server is never silent by itself: then a silence is a fault, and nothing is sent that the source does not wait for any more.
  const heartbeats = setInterval(() => scene.server.heartbeat(), 50);
  t.teardown(() => clearInterval(heartbeats));
  for (let i = 0; i < faults; i++) {
    if (i === 0 || i === Math.floor(faults / 2)) {
      await runs.at(-1)?.stop();
      await until('nobody is there', () => scene.server.clients.size === 0);
      runs.push(await begin());
      await back(scene);
      if (i === 0) for (const symbol of scene.symbols) scene.server.trade(symbol, 3);
    }
    const symbol = scene.symbols[Math.floor(scene.random() * scene.symbols.length)]!;
    const fault = scene.random() < 0.3 ? 'trades' : names[Math.floor(scene.random() * names.length)]!;
    await FAULTS[fault]!(scene, symbol);
    // Feeds whose trades have no numbers do not tell what a restart left behind: what was sent has to have come.
    if (i === Math.floor(faults / 2) - 1) await runs.at(-1)!.until((records) => arrived(scene, records));
  }
  for (const symbol of scene.symbols) scene.server.trade(symbol, 2);
  return runs;
}

/** Whether all that was sent over connections that were not cut is there. */
function arrived({ server, doubtful }: Scene, records: readonly SourceRecord[]): boolean {
  const there = new Set(ticksOf(records).map((tick) => `${tick.symbol} ${tick.event_time.getTime()}`));
  return [...server.trades.values()]
    .flat()
    .every(
      (one) => server.withheld.has(nameOf(one)) || doubtful.has(nameOf(one)) || there.has(`${one.symbol} ${one.time}`),
    );
}

const lastOf = (server: FeedServer, symbol: string): Trade => server.trades.get(symbol)!.at(-1)!;

for (const [preset, symbols, protocol] of [
  ['binance', 'BTCUSDT,ETHUSDT,SOLUSDT', binance],
  ['coinbase', 'BTC-USD,ETH-USD', coinbase],
  ['kraken', 'BTC/USD,ETH/USD', kraken],
] as const) {
  const prepare = async (t: Test, protocol: Protocol) => {
    const server = await serve(t, protocol);
    const scene: Scene = { server, symbols: symbols.split(','), random: chance(seed), doubtful: new Set() };
    return { server, scene, offsets: new MemoryOffsets() };
  };

  t.test(`${preset}: of all trades each is delivered once or told to be missing (seed ${seed})`, async (t) => {
    const { server, scene, offsets } = await prepare(t, protocol);
    const props = { ...limits, preset, symbols, 'websocket.url': server.url };
    const runs = await runSchedule(t, scene, () => start(t, props, offsets));
    await runs.at(-1)!.until((records) =>
      scene.symbols.every((symbol) => {
        const last = lastOf(server, symbol);
        return ticksOf(records).some((tick) => tick.symbol === symbol && tick.sequence === last.sequence);
      }),
    );
    const records = runs.flatMap((run) => run.records);
    for (const symbol of scene.symbols) {
      const own = ticksOf(records).filter((tick) => tick.symbol === symbol);
      const delivered = own.map((tick) => Number(tick.sequence));
      t.equal(new Set(delivered).size, delivered.length, `${symbol}: none twice`);
      const late = gapsOf(records).filter((gap) => gap.symbol === symbol && gap.reason === 'late');
      const missing = gapsOf(records)
        .filter((gap) => gap.symbol === symbol && gap.reason === 'missing')
        .flatMap(({ from, to }) => Array.from({ length: to! - from! + 1 }, (_, i) => from! + i));
      t.strictSame(
        [...new Set([...delivered, ...missing])].toSorted((a, b) => a - b),
        server.trades.get(symbol)!.map((trade) => trade.sequence),
        `${symbol}: each delivered or told to be missing`,
      );
      const both = missing.filter((sequence) => delivered.includes(sequence));
      t.equal(both.length, late.length, `${symbol}: what was told to be missing did not come, unless it came late`);
      const lost = missing.filter((sequence) => {
        const name = nameOf({ symbol, sequence });
        return !server.withheld.has(name) && !scene.doubtful.has(name) && !delivered.includes(sequence);
      });
      t.strictSame(lost, [], `${symbol}: what was sent was delivered`);
    }
    const metrics = runs.at(-1)!.metrics;
    t.ok(Number(metrics['malformed-messages-total']) + Number(runs[0]!.metrics['malformed-messages-total']) > 0);
  });

  t.test(`${preset}: with the REST API all trades are delivered once, in order (seed ${seed})`, async (t) => {
    const { server, scene, offsets } = await prepare(t, protocol);
    const props = { ...limits, preset, symbols, 'websocket.url': server.url, 'recovery.url': server.restUrl };
    const runs = await runSchedule(t, scene, () => start(t, props, offsets));
    await runs
      .at(-1)!
      .until((records) =>
        scene.symbols.every(
          (symbol) =>
            ticksOf(records).findLast((tick) => tick.symbol === symbol)?.sequence === lastOf(server, symbol).sequence,
        ),
      );
    for (const symbol of scene.symbols)
      t.strictSame(
        ticksOf(runs.flatMap((run) => run.records))
          .filter((tick) => tick.symbol === symbol)
          .map((tick) => tick.sequence),
        server.trades.get(symbol)!.map((trade) => trade.sequence),
        symbol,
      );
  });
}

for (const [preset, protocol] of [
  ['finnhub', finnhub],
  ['alpaca', alpaca],
  ['polygon', polygon],
] as const)
  t.test(`${preset}: what was sent is delivered once, though nobody counts (seed ${seed})`, async (t) => {
    const server = await serve(t, protocol);
    const scene: Scene = { server, symbols: ['AAPL', 'MSFT'], random: chance(seed), doubtful: new Set() };
    const offsets = new MemoryOffsets();
    const props = {
      ...limits,
      preset,
      symbols: 'AAPL,MSFT',
      'api.key': 'the-key',
      'api.secret': 'the-secret',
      'websocket.url': server.url,
    };
    const runs = await runSchedule(t, scene, () => start(t, props, offsets));
    await runs.at(-1)!.until(() =>
      arrived(
        scene,
        runs.flatMap((run) => run.records),
      ),
    );
    for (const symbol of scene.symbols) {
      const own = ticksOf(runs.flatMap((run) => run.records)).filter((tick) => tick.symbol === symbol);
      const times = own.map((tick) => tick.event_time.getTime());
      t.equal(new Set(times).size, times.length, `${symbol}: none twice`);
      const sent = server.trades.get(symbol)!.filter((trade) => !server.withheld.has(nameOf(trade)));
      const lost = sent.filter((trade) => !times.includes(trade.time) && !scene.doubtful.has(nameOf(trade)));
      t.strictSame(lost, [], `${symbol}: what was sent was delivered`);
      const gaps = gapsOf(runs.flatMap((run) => run.records)).filter((gap) => gap.symbol === symbol);
      t.ok(
        gaps.some((gap) => gap.reason === 'disconnect'),
        `${symbol}: it is told that something may be missing`,
      );
    }
  });
