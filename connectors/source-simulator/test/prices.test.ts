import t from 'tap';
import { MarketWalk, type PriceModel, SymbolPrice } from '../src/prices.ts';

const MINUTE = 29_500_000;
const model: PriceModel = { seed: 1, volatility: 0.5, correlation: 0.6, anomalyProbability: 0 };
const market = new MarketWalk(1);

/** Logarithmic returns of successive minutes. */
function returns(symbol: string, count: number, own = model): number[] {
  const price = new SymbolPrice(symbol, own, new MarketWalk(own.seed));
  let last = Number.NaN;
  const result: number[] = [];
  for (let i = 0; i <= count; i++) {
    price.enter(MINUTE + i);
    const now = Math.log(price.at(0));
    if (i > 0) result.push(now - last);
    last = now;
  }
  return result;
}
const deviation = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);

t.test('the volatility of a year is as configured', async (t) => {
  const measured = deviation(returns('AAPL', 10_000)) * Math.sqrt(365 * 24 * 60);
  t.ok(Math.abs(measured / 0.5 - 1) < 0.03, String(measured));
  t.equal(deviation(returns('AAPL', 100, { ...model, volatility: 0 })), 0);
});

t.test('the correlation of two symbols is as configured', async (t) => {
  for (const correlation of [0, 0.6, 1]) {
    const own = { ...model, correlation };
    const [a, b] = [returns('AAPL', 5000, own), returns('MSFT', 5000, own)];
    const measured = a.reduce((sum, value, i) => sum + value * b[i]!, 0) / a.length / deviation(a) / deviation(b);
    t.ok(Math.abs(measured - correlation) < 0.04, `${measured} for ${correlation}`);
  }
});

t.test('prices are continuous from minute to minute, and stay in the region of the base price', async (t) => {
  const price = new SymbolPrice('AAPL', model, market);
  for (let i = 0; i < 20_000; i += 17) {
    price.enter(MINUTE + i);
    const end = price.at(59_999.999);
    price.enter(MINUTE + i + 1);
    const gap = Math.abs(price.at(0) / end - 1);
    if (gap > 1e-6) t.fail(`a gap of ${gap} after minute ${MINUTE + i}`);
    if (price.at(0) < price.base / 2 || price.at(0) > price.base * 2) t.fail(`${price.at(0)} for ${price.base}`);
  }
});

t.test('a price depends on seed, symbol and time alone, not on the way there', async (t) => {
  const a = new SymbolPrice('AAPL', model, market);
  const b = new SymbolPrice('AAPL', model, new MarketWalk(1));
  for (const minute of [MINUTE, MINUTE + 5, MINUTE + 6]) a.enter(minute);
  b.enter(MINUTE + 6);
  t.equal(a.at(12_345), b.at(12_345));
  const other = new SymbolPrice('AAPL', { ...model, seed: 2 }, new MarketWalk(2));
  other.enter(MINUTE + 6);
  t.not(other.at(12_345), b.at(12_345));
});
