import { type Config, double, int, list, long, string } from '@tributary/api';

/** Symbols whose names are made up are numbered from 1: `SIM0001`. */
const madeUp = (number: number): string => `SIM${String(number).padStart(4, '0')}`;

const SYMBOLS = ['AAPL', 'MSFT', 'GOOGL', 'AMZN', 'NVDA', 'TSLA', 'META', 'JPM'];
const ISO = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/;

export const configDef = {
  topic: string({
    nonEmpty: true,
    importance: 'high',
    doc: 'The topic that the ticks go to, keyed by symbol. Their schema is `tributary.market.Tick`.',
    group: 'Market',
    order: 1,
  }),
  symbols: list({
    default: SYMBOLS,
    importance: 'high',
    doc: 'The symbols of the market. The price of a symbol depends on its name and the seed, not on the others.',
    group: 'Market',
    order: 2,
  }),
  'symbols.count': int({
    default: null,
    min: 1,
    max: 10_000,
    doc: 'The number of symbols: `symbols` is cut to it, or filled up with SIM0001, SIM0002 and so on. Default: those in `symbols`.',
    group: 'Market',
    order: 3,
  }),
  seed: long({
    default: 1,
    importance: 'medium',
    doc: 'What the whole market is derived from: with the same seed and the same config the same ticks come at the same times. With another seed it starts anew.',
    group: 'Market',
    order: 4,
  }),
  volatility: double({
    default: 0.3,
    min: 0,
    max: 10,
    importance: 'medium',
    doc: 'How much prices move: the standard deviation of the logarithmic return of a year of 365 days. 0.3 moves a price of 100 by about 0.04 in a minute.',
    group: 'Market',
    order: 5,
  }),
  correlation: double({
    default: 0.4,
    min: 0,
    max: 1,
    importance: 'low',
    doc: 'How much the returns of two symbols go together, from 0 (not at all) to 1 (always).',
    group: 'Market',
    order: 6,
  }),
  'spread.bps': double({
    default: 2,
    min: 0,
    max: 1000,
    importance: 'low',
    doc: 'The difference of ask and bid in hundredths of a percent of the price. Both are rounded away from the middle to whole cents, and trades happen at either.',
    group: 'Market',
    order: 7,
  }),
  'anomalies.per.hour': double({
    default: 0,
    min: 0,
    importance: 'medium',
    doc: 'The number of anomalies in an hour, on average and over all symbols. A third each are spikes, flash crashes and volume surges. Their ticks carry the header `tributary.anomaly`, whose value is `spike`, `flash_crash` or `volume_surge`, so that a detector can be judged by it. A symbol has at most one in a minute.',
    group: 'Market',
    order: 8,
  }),
  'rate.per.second': double({
    default: 1000,
    min: 0.001,
    max: 1_000_000,
    importance: 'high',
    doc: 'The number of ticks a second, over all tasks. With a profile other than `constant`: the most there ever are.',
    group: 'Load',
    order: 1,
  }),
  profile: string({
    oneOf: ['constant', 'ramp', 'burst', 'intraday'],
    default: 'constant',
    importance: 'medium',
    doc: 'How the rate changes. `ramp`: it grows from a tenth to the whole in each period. `burst`: the whole in the first tenth of each period, and a tenth in the rest. `intraday`: it follows the traded volume, which is high at the beginning and the end of the day (UTC) and low at its middle.',
    group: 'Load',
    order: 2,
  }),
  'profile.period.seconds': int({
    default: 600,
    min: 1,
    importance: 'low',
    doc: 'The length of a period of the profiles `ramp` and `burst`. Periods are counted from 1970, so that all tasks have the same.',
    group: 'Load',
    order: 3,
  }),
  streams: int({
    default: 8,
    min: 1,
    max: 1024,
    importance: 'low',
    doc: 'Into how many streams the symbols are divided (at most one each). A stream is an exchange, SIM0, SIM1 and so on, that numbers its ticks, keeps its own offset and belongs to one task; there can be no more tasks than streams. The ticks do not depend on the number of tasks, but with another number of streams the market starts anew.',
    group: 'Load',
    order: 4,
  }),
  limit: long({
    default: null,
    min: 1,
    importance: 'low',
    doc: 'The number of ticks, over all tasks and restarts, after which the connector has no more. Default: it never ends.',
    group: 'Load',
    order: 5,
  }),
  clock: string({
    oneOf: ['wall', 'virtual'],
    default: 'wall',
    importance: 'medium',
    doc: 'What time it is in the market. `wall`: what it is outside; the ticks of the past are sent as fast as possible until the present is reached. `virtual`: it goes on from the last tick sent, at the speed of real time, whenever the connector was stopped in between.',
    group: 'Time',
    order: 1,
  }),
  downtime: string({
    oneOf: ['catch-up', 'skip'],
    default: 'catch-up',
    importance: 'medium',
    doc: 'With `clock=wall`: what happens to the ticks of the time in which the connector did not run. `catch-up`: they are sent at once at the start; `skip`: they never are.',
    group: 'Time',
    order: 2,
    visible: (config) => config.clock !== 'virtual',
  }),
  'start.time': string({
    default: null,
    importance: 'low',
    doc: 'When the market opens if nothing was sent before: a date, or a date and time with its zone, as in 2026-03-02T14:30:00Z. Default: the time of the first start.',
    group: 'Time',
    order: 3,
    validate: (value) =>
      ISO.test(value) && Date.parse(value) >= 0
        ? undefined
        : 'Expected a date such as 2026-03-02 or a date and time with a zone such as 2026-03-02T14:30:00Z, from 1970 on',
  }),
};

export type SimulatorConfig = Config<typeof configDef>;

/** The symbols of the market: those listed, cut or filled up to `symbols.count`. */
export function symbolsOf({ symbols, 'symbols.count': count }: SimulatorConfig): readonly string[] {
  if (count === null) return symbols;
  const names = symbols.slice(0, count);
  const taken = new Set(names);
  for (let i = 1; names.length < count; i++) if (!taken.has(madeUp(i))) names.push(madeUp(i));
  return names;
}
