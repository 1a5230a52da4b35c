import { type SimulatorConfig, symbolsOf } from './config.ts';
import { type Position, partitionOf } from './position.ts';
import { MarketWalk, type PriceModel, SymbolPrice } from './prices.ts';
import { Stream } from './stream.ts';

/** How the symbols of a config are divided: symbol i belongs to stream i modulo the number of streams. */
export function divide(config: SimulatorConfig): readonly (readonly string[])[] {
  const symbols = symbolsOf(config);
  const streams: string[][] = Array.from({ length: Math.min(config.streams, symbols.length) }, () => []);
  symbols.forEach((symbol, i) => {
    streams[i % streams.length]!.push(symbol);
  });
  return streams;
}

/** The streams of one task. Rate and limit are divided by the number of symbols. */
export function makeStreams(config: SimulatorConfig, positions: ReadonlyMap<number, Position>): Stream[] {
  const division = divide(config);
  const total = division.reduce((sum, symbols) => sum + symbols.length, 0);
  const { seed, topic, volatility, correlation, limit } = config;
  const model: PriceModel = {
    seed,
    volatility,
    correlation,
    anomalyProbability: anomalyProbability(config, total),
  };
  const market = new MarketWalk(seed);
  let symbolsBefore = 0;
  const limits = division.map((symbols) => {
    const from = symbolsBefore;
    symbolsBefore += symbols.length;
    return limit === null
      ? Number.POSITIVE_INFINITY
      : Math.floor((limit * symbolsBefore) / total) - Math.floor((limit * from) / total);
  });
  return [...positions].map(([number, position]) => {
    const symbols = division[number]!;
    return new Stream(
      {
        number,
        seed,
        topic,
        partition: partitionOf(number, division.length),
        prices: symbols.map((symbol) => new SymbolPrice(symbol, model, market)),
        load: {
          rate: (config['rate.per.second'] * symbols.length) / total,
          profile: config.profile,
          period: config['profile.period.seconds'],
          phase: number / division.length,
        },
        spread: config['spread.bps'] / 10_000,
        limit: limits[number]!,
      },
      position,
    );
  });
}

/** The chance of a symbol to have an anomaly in a minute. More than 1 means that the rate cannot be reached. */
export function anomalyProbability(config: SimulatorConfig, symbols: number): number {
  return config['anomalies.per.hour'] / 60 / symbols;
}
