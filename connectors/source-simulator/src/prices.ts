import { type Anomaly, anomalyIn } from './anomalies.ts';
import { combine, hash, mix, uniform } from './random.ts';
import { STEPS, walkWithin } from './walk.ts';

const MINUTES_A_YEAR = 365 * 24 * 60;
const MARKET = 0x0e6d8b21;
const OWN = 0x0f1c3e57;

export interface PriceModel {
  readonly seed: number;
  /** The standard deviation of a year's logarithmic return. */
  readonly volatility: number;
  /** Between the returns of any two symbols. */
  readonly correlation: number;
  /** The chance of a symbol to have an anomaly in a minute. */
  readonly anomalyProbability: number;
}

/** The walk that all symbols share. */
export class MarketWalk {
  readonly #key: number;
  readonly #values = new Float64Array(STEPS + 1);
  #minute = Number.NaN;

  constructor(seed: number) {
    this.#key = combine(hash(seed), MARKET);
  }

  /** The values of a minute; valid until the next call. */
  within(minute: number): Float64Array {
    if (minute !== this.#minute) {
      walkWithin(this.#key, minute, this.#values);
      this.#minute = minute;
    }
    return this.#values;
  }
}

/**
 * The price of one symbol: `base * exp(s * (sqrt(c) * market + sqrt(1 - c) * own))`, with the correlation c, the
 * volatility of a minute s, and two walks of variance 1 a minute. It depends on the seed and the symbol's name alone.
 */
export class SymbolPrice {
  readonly symbol: string;
  /** The price from which the symbol never strays far. */
  readonly base: number;
  /** The usual size of a trade. */
  readonly usualSize: number;
  /** Prices are multiples of `1 / scale`. */
  readonly scale: number;
  /** The minute's anomaly. */
  anomaly: Anomaly | null = null;
  readonly #model: PriceModel;
  readonly #market: MarketWalk;
  readonly #key: number;
  readonly #prices = new Float64Array(STEPS + 1);
  #minute = Number.NaN;

  constructor(symbol: string, model: PriceModel, market: MarketWalk) {
    this.symbol = symbol;
    this.#model = model;
    this.#market = market;
    this.#key = combine(combine(hash(model.seed), OWN), hash(symbol));
    this.base = Math.round(1000 * 10 ** (0.5 + 2 * uniform(mix(this.#key)))) / 1000;
    this.usualSize = 50 + 450 * uniform(mix(this.#key ^ 0x55555555));
    this.scale = 100;
  }

  /** Makes ready for the ticks of a minute. */
  enter(minute: number): void {
    if (minute === this.#minute) return;
    const { volatility, correlation, anomalyProbability } = this.#model;
    const prices = this.#prices;
    walkWithin(this.#key, minute, prices);
    const market = this.#market.within(minute);
    const deviation = volatility / Math.sqrt(MINUTES_A_YEAR);
    const shared = deviation * Math.sqrt(correlation);
    const own = deviation * Math.sqrt(1 - correlation);
    for (let i = 0; i <= STEPS; i++) prices[i] = this.base * Math.exp(shared * market[i]! + own * prices[i]!);
    this.anomaly = anomalyIn(this.#key, minute, anomalyProbability);
    this.#minute = minute;
  }

  /** The price at so many milliseconds of the minute entered, anomalies apart. */
  at(milliseconds: number): number {
    const x = milliseconds * (STEPS / 60_000);
    const step = Math.floor(x);
    const from = this.#prices[step]!;
    return from + (this.#prices[step + 1]! - from) * (x - step);
  }
}
