/** The source against the simulator's market. */
import { startSource } from '@tributary/api/testing';
import type { Bar, Tick } from '@tributary/market';
import { connectorConfigs, SimulatorServer } from '@tributary/source-simulator/serve';
import t from 'tap';
import { yahooSource } from '../src/connector.ts';
import { fast } from './support/run.ts';

const MINUTE = 60_000;

t.test(
  'quotes and bars of the simulator come with the config that it prints, and the bars are those of its trades',
  async (t) => {
    const symbols = ['AAPL', 'BTC-USD'];
    const server = await SimulatorServer.start({ symbols, rate: 2, seed: 3, historyMs: 10 * MINUTE });
    t.teardown(() => server.close());
    const { config } = connectorConfigs(server.authority, symbols, null, null).find(
      ({ name }) => name === 'yahoo-finance',
    )!;
    const { 'connector.class': _, ...props } = config;
    const from = new Date(Date.now() - 20 * MINUTE).toISOString();
    const run = await startSource(yahooSource, { ...props, ...fast, 'history.from': from });
    t.teardown(() => run.stop());
    const barsOf = (symbol: string): readonly Bar[] =>
      run.records.filter(({ topic, key }) => topic === 'bars' && key === symbol).map(({ value }) => value as Bar);
    await run.until(
      (records) =>
        records.some(({ topic }) => topic === 'ticks') && symbols.every((symbol) => barsOf(symbol).length >= 15),
    );

    for (const symbol of symbols) {
      const bars = barsOf(symbol);
      t.ok(
        bars.every((bar, i) => i === 0 || bar.start.getTime() === bars[i - 1]!.end!.getTime()),
        'no bar is missing',
      );
      const recent = bars.filter((bar) => bar.start.getTime() > Date.now() - 9 * MINUTE);
      t.ok(recent.length >= 5);
      for (const bar of recent) {
        const [start, end] = [bar.start.getTime() * 1000, bar.end!.getTime() * 1000];
        const first = server.market.countBefore(symbol, start) + 1;
        const trades = server.market.trades(symbol, first, server.market.countBefore(symbol, end) + 1 - first, end);
        const prices = trades.map(({ price }) => price!);
        t.match(bar, {
          open: prices[0],
          close: prices.at(-1),
          high: Math.max(...prices),
          low: Math.min(...prices),
          volume: trades.reduce((sum, { size }) => sum + size!, 0),
        });
      }
      const older = bars.filter((bar) => bar.start.getTime() < Date.now() - 12 * MINUTE);
      t.ok(
        older.length > 0 &&
          older.every(
            ({ low, high, open, close }) => low! <= Math.min(open!, close!) && high! >= Math.max(open!, close!),
          ),
      );
    }
    const quote = run.records.find(({ topic }) => topic === 'ticks')!.value as Tick;
    const base = server.market.price(quote.symbol).base;
    t.ok(Math.abs(quote.price! / base - 1) < 0.5, 'the price is that of the market');
    t.ok(quote.bid! <= quote.ask!);
  },
);
