/** The market that is served: its trades, its faults, and what it tells of itself. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { WebSocket } from 'ws';
import { faultsText, NO_FAULTS, parseFaults } from '../src/serve/faults.ts';
import { Ranges } from '../src/serve/ranges.ts';
import { ServedMarket } from '../src/serve/served-market.ts';
import { SimulatorServer } from '../src/serve/server.ts';
import type { ServeOptions } from '../src/serve/simulator.ts';
import { FEEDS, ownName, spelled } from '../src/serve/spelling.ts';

const NOW = Date.parse('2026-03-02T14:30:00.500Z') * 1000;

for (const rate of [0.3, 10, 1000])
  t.test(`the market's trades are the same whenever they are asked for (${rate} a second)`, async (t) => {
    const settings = { symbols: ['AAPL', 'BTC-USD'], seed: 1, rate };
    const market = new ServedMarket(settings);
    const count = market.countBefore('AAPL', NOW);
    market.seek('AAPL', count + 1);
    const live = [...market.advance('AAPL', NOW + 20_000_000), ...market.advance('AAPL', NOW + 40_000_000)];
    t.ok(live.length >= 40 * rate - 1 && live.length <= 40 * rate + 1);
    t.ok(
      live.every(({ sequence }, i) => sequence === count + 1 + i),
      'they are numbered without a gap',
    );
    t.ok(live.every(({ event_time_us: time }, i) => time >= (live[i - 1]?.event_time_us ?? NOW)));
    const again = (seed: number): string =>
      JSON.stringify(new ServedMarket({ ...settings, seed }).trades('AAPL', count + 1, 1e6, NOW + 40_000_000));
    t.ok(again(1) === JSON.stringify(live), 'they are the same again');
    t.notOk(again(2) === JSON.stringify(live), 'with another seed they are others');
    market.close(NOW);
    t.strictSame(market.advance('AAPL', NOW + 60_000_000), [], 'a closed market has no trades');
  });

t.test('each feed spells the symbols in its own way', async (t) => {
  t.strictSame(
    ['btc-usd', 'BTC/USD', 'BTCUSDT', 'AAPL'].map((one) => ownName(one.toUpperCase())),
    ['BTC-USD', 'BTC-USD', 'BTC-USD', 'AAPL'],
  );
  t.strictSame(
    FEEDS.map((feed) => spelled(feed, 'BTC-USD')),
    ['BTCUSDT', 'BTC-USD', 'BTC/USD', 'BINANCE:BTCUSDT', 'BTC/USD', 'BTC-USD', 'BTC-USD'],
  );
  t.strictSame(
    FEEDS.map((feed) => spelled(feed, 'AAPL')),
    ['AAPLUSDT', 'AAPL-USD', 'AAPL/USD', 'AAPL', 'AAPL', 'AAPL', 'AAPL'],
  );
});

t.test('faults are read as they are written', async (t) => {
  t.strictSame(parseFaults(''), NO_FAULTS);
  const faults = parseFaults('disconnect=30s, stall=1m/500ms,half-open=2m,gap=0.5,http429=1');
  t.match(faults, {
    disconnectMs: 30_000,
    stallMs: 60_000,
    stallForMs: 500,
    halfOpenMs: 120_000,
    gap: 0.5,
    http429: 1,
  });
  t.strictSame(parseFaults(faultsText(faults)), faults);
  t.throws(() => parseFaults('gap=2'), /gap takes a probability from 0 to 1/);
  t.throws(() => parseFaults('disconnect=often'), /disconnect takes the mean time between two, as in disconnect=30s/);
  t.throws(
    () => parseFaults('flood=1'),
    /there is no fault 'flood'; there are disconnect, stall, half-open, duplicate/,
  );
});

t.test('ranges hold what was added, and tell what is missing', async (t) => {
  const ranges = new Ranges();
  for (const value of [5, 3, 4, 9, 1, 10]) t.ok(ranges.add(value));
  t.notOk(ranges.add(4));
  t.strictSame(ranges.all, [
    [1, 1],
    [3, 5],
    [9, 10],
  ]);
  t.strictSame(
    [0, 1, 2, 3, 5, 6, 10, 11].map((value) => ranges.has(value)),
    [false, true, false, true, true, false, true, false],
  );
  t.strictSame(ranges.missing(2, 12), [
    [2, 2],
    [6, 8],
    [11, 12],
  ]);
  t.strictSame(ranges.missing(4, 5), []);
});

async function serve(t: Test, options: Partial<ServeOptions>): Promise<SimulatorServer> {
  const server = await SimulatorServer.start(options);
  t.teardown(() => server.close());
  return server;
}

/** A client of Binance's feed, with the numbers that came. */
async function subscribe(
  t: Test,
  server: SimulatorServer,
  stream: string,
): Promise<{ ws: WebSocket; came: number[]; odd: string[] }> {
  const ws = new WebSocket(`ws://${server.authority}/binance/ws`);
  const came: number[] = [];
  const odd: string[] = [];
  t.teardown(() => ws.terminate());
  await once(ws, 'open');
  const answered = once(ws, 'message');
  ws.send(JSON.stringify({ method: 'SUBSCRIBE', params: [stream], id: 1 }));
  await answered;
  ws.on('message', (data: Buffer) => {
    try {
      came.push((JSON.parse(data.toString()) as { t: number }).t);
    } catch {
      odd.push(data.toString());
    }
  });
  return { ws, came, odd };
}

// biome-ignore lint/suspicious/noExplicitAny: each caller knows the shape of what it asks for
type Json = any;

const ask = async (server: SimulatorServer, path: string, body?: unknown): Promise<{ status: number; json: Json }> => {
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const response = await fetch(`http://${server.authority}${path}`, init);
  return { status: response.status, json: await response.json() };
};

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((done) => setTimeout(done, 5));
}

const flat = (ranges: ReadonlyArray<readonly [number, number]>): number[] =>
  ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i));

t.test('what was sent and what was withheld is told, and comes or does not', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'journal-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  const journal = join(dir, 'journal.jsonl');
  const faults = parseFaults('gap=0.1,lost=0.05,duplicate=0.1,reorder=0.1,malformed=0.05');
  const server = await serve(t, { symbols: ['BTC-USD'], rate: 500, faults, journal });
  const { came, odd } = await subscribe(t, server, 'btcusdt@trade');
  await until(() => came.length > 600 && odd.length > 0);
  t.strictSame((await ask(server, '/halt', {})).json, {});
  const sent = flat((await ask(server, '/sent')).json.binance.BTCUSDT);
  await until(() => came.includes(sent.at(-1)!));
  const { ranges, lost } = (await ask(server, '/withheld')).json.binance.BTCUSDT;
  const distinct = [...new Set(came)].toSorted((a, b) => a - b);
  t.strictSame(distinct, sent);
  t.ok(came.length > distinct.length, 'some came twice');
  t.notSame([...new Set(came)], distinct, 'some came late');
  const told = [...sent, ...flat(ranges)].toSorted((a, b) => a - b);
  t.strictSame(told, flat([[told[0]!, told.at(-1)!]]), 'each was sent or withheld');
  const known = async (number: number): Promise<boolean> => {
    const { json } = await ask(server, `/binance/api/v3/historicalTrades?symbol=BTCUSDT&fromId=${number}&limit=1`);
    return json[0]?.id === number;
  };
  t.notOk(await known(flat(lost)[0]!), 'what is lost is not told by the REST API');
  t.ok(await known(flat(ranges).find((number) => !flat(lost).includes(number))!), 'what is withheld is');
  await server.close();
  const lines = readFileSync(journal, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.strictSame(
    lines
      .filter(({ what }) => what === 'sent')
      .map(({ sequence }) => sequence as number)
      .toSorted((a, b) => a - b),
    sent,
    'the journal says the same',
  );
});

t.test('faults happen at once when they are asked for', async (t) => {
  const server = await serve(t, { symbols: ['BTC-USD'], rate: 200 });
  const { ws, came } = await subscribe(t, server, 'btcusdt@trade');
  await until(() => came.length > 10);
  t.match(await ask(server, '/faults', { faults: 'stall=0/300ms' }), { status: 200, json: { faults: '' } });
  await ask(server, '/faults', { now: 'stall', feed: 'binance' });
  const before = came.length;
  await until(() => came.length > before + 40);
  t.strictSame(came, flat([[came[0]!, came.at(-1)!]]), 'what happened while it was stalled came then');
  const closed = once(ws, 'close');
  await ask(server, '/faults', { now: 'disconnect' });
  t.equal((await closed)[0], 1001);

  const second = await subscribe(t, server, 'btcusdt@trade');
  await until(() => second.came.length > 10);
  await ask(server, '/faults', { now: 'half-open' });
  let pongs = 0;
  second.ws.on('pong', () => pongs++);
  second.ws.ping();
  await ask(server, '/faults', { faults: 'http429=1' });
  const refused = new WebSocket(`ws://${server.authority}/binance/ws`);
  const [error] = await once(refused, 'error');
  t.match(error.message, /429/);
  t.equal((await fetch(`http://${server.authority}/yahoo/v8/finance/chart/BTC-USD`)).status, 429);
  t.equal(pongs, 0, 'a half-open connection answers no ping');
  t.equal(second.ws.readyState, second.ws.OPEN);
});

t.test('what is not understood is refused with what there is', async (t) => {
  const server = await serve(t, { symbols: ['AAPL'] });
  t.match(await ask(server, '/faults', { faults: 'flood=1' }), { status: 400, json: { message: /no fault 'flood'/ } });
  t.match(await ask(server, '/faults', { now: 'later' }), {
    status: 400,
    json: { message: /now takes one of disconnect/ },
  });
  t.match(await ask(server, '/faults', { fault: 'x' }), {
    status: 400,
    json: { message: /'fault' is not understood/ },
  });
  t.match(await ask(server, '/trades?feed=nyse'), {
    status: 400,
    json: { message: /no feed 'nyse'; there are binance/ },
  });
  t.match(await ask(server, '/nothing'), { status: 404, json: { message: /There is GET \/configs/ } });
  t.match(await ask(server, '/configs'), { status: 200, json: [{ name: 'binance', config: { preset: 'binance' } }] });
});
