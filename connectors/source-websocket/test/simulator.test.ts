/** The presets against the simulator's market. */
import {
  connectorConfigs,
  FEEDS,
  type ServeOptions,
  SimulatorServer,
  spelled,
} from '@tributary/source-simulator/serve';
import t, { type Test } from 'tap';
import { start, ticksOf } from './support/pulled.ts';

t.jobs = 8;

const symbols = ['AAPL', 'BTC-USD'];

async function simulator(t: Test, options: Partial<ServeOptions> = {}): Promise<SimulatorServer> {
  const server = await SimulatorServer.start({ symbols, rate: 50, ...options });
  t.teardown(() => server.close());
  return server;
}

const configOf = (server: SimulatorServer, feed: string): Record<string, string> => {
  const { config } = connectorConfigs(server.authority, symbols, null, null).find(({ name }) => name === feed)!;
  const { 'connector.class': _, ...rest } = config;
  return rest;
};

for (const feed of FEEDS)
  t.test(`${feed}: what the simulator prints as a config delivers its trades`, async (t) => {
    const server = await simulator(t);
    const run = await start(t, configOf(server, feed));
    await run.until((records) => ticksOf(records).length >= 100);
    await server.halt();
    const trades = symbols.flatMap((symbol) =>
      server.market
        .trades(symbol, server.market.next(symbol) - 500, 500, Date.now() * 1000)
        .map((trade) => ({ ...trade, symbol: spelled(feed, symbol) })),
    );
    const nameOf = (tick: { symbol: string; event_time: Date; price: number | null; size: number | null }): string =>
      `${tick.symbol} ${tick.event_time.getTime()} ${tick.price} ${tick.size}`;
    const known = new Map(trades.map((trade) => [nameOf(trade), trade]));
    const ticks = ticksOf(run.records);
    t.strictSame(
      ticks.filter((tick) => !known.has(nameOf(tick))),
      [],
      'they are the trades of the market',
    );
    t.strictSame(new Set(ticks.map(({ symbol }) => symbol)), new Set(symbols.map((symbol) => spelled(feed, symbol))));
    if (['binance', 'coinbase', 'kraken'].includes(feed))
      t.ok(ticks.every((tick) => tick.sequence === known.get(nameOf(tick))!.sequence));
  });
