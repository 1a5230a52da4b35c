import { ConnectError } from './errors.ts';

/** Counts up from 0 since the task's start. */
export interface Counter {
  /** @param by default: 1 @throws ConnectError unless it is a finite number of at least 0 */
  add(by?: number): void;
}

/** A value as of now; 0 before it is first set. */
export interface Gauge {
  /** @throws ConnectError unless it is a finite number */
  set(value: number): void;
}

/** The number, the sum, the average and the largest of durations or sizes since the task's start. */
export interface Summary {
  /** @throws ConnectError unless it is a finite number of at least 0 */
  observe(value: number): void;
}

/**
 * A task's own metrics (in the spirit of KIP-877). `/metrics` shows `rows-written-total` as `kafka_connect_plugins_rows_written_total`, with the
 * connector and the task as labels, until the task is gone. Names are words in lower case with hyphens between them, such as those of
 * Kafka: counters end in `-total`, durations in `-ms`. Who asks for the same name again gets the same metric. At most
 * {@link MAX_METRICS} of them for each task: what comes out of data, such as a table's name, does not belong into a name.
 */
export interface PluginMetrics {
  /** @throws ConnectError if the name is none, is taken by a metric of another kind, or there are too many */
  counter(name: string, doc: string): Counter;
  /** @throws ConnectError as `counter` */
  gauge(name: string, doc: string): Gauge;
  /** Shown as `<name>-max`, `<name>-avg`, `<name>-sum` and `<name>-count`. @throws ConnectError as `counter` */
  summary(name: string, doc: string): Summary;
}

/** So many metrics a task may have. */
export const MAX_METRICS = 100;
const MAX_NAME = 100;
const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

export interface SummaryValue {
  readonly count: number;
  readonly sum: number;
  readonly max: number;
}

/** A metric at one moment, as plain data. */
export type MetricValue = { readonly name: string; readonly doc: string } & (
  | { readonly kind: 'counter' | 'gauge'; readonly value: number }
  | { readonly kind: 'summary'; readonly value: SummaryValue }
);

interface Kept {
  readonly kind: MetricValue['kind'];
  readonly handle: Counter | Gauge | Summary;
  now(): MetricValue;
}

/** Keeps what a task counts: for the runtime, which shows it, and for tests. */
export class KeptMetrics implements PluginMetrics {
  readonly #metrics = new Map<string, Kept>();
  /** The names as they are shown: a summary has several. */
  readonly #shown = new Set<string>();
  readonly #onChange: () => void;

  constructor(onChange: () => void = () => {}) {
    this.#onChange = onChange;
  }

  counter(name: string, doc: string): Counter {
    return this.#metric(name, 'counter', () => {
      let value = 0;
      const add = (by = 1): void => {
        assertNumber(name, by, 0);
        value += by;
        this.#onChange();
      };
      return { handle: { add }, now: () => ({ name, doc, kind: 'counter', value }) };
    });
  }

  gauge(name: string, doc: string): Gauge {
    return this.#metric(name, 'gauge', () => {
      let value = 0;
      const set = (to: number): void => {
        assertNumber(name, to, Number.NEGATIVE_INFINITY);
        if (value === to) return;
        value = to;
        this.#onChange();
      };
      return { handle: { set }, now: () => ({ name, doc, kind: 'gauge', value }) };
    });
  }

  summary(name: string, doc: string): Summary {
    return this.#metric(name, 'summary', () => {
      const value = { count: 0, sum: 0, max: 0 };
      const observe = (one: number): void => {
        assertNumber(name, one, 0);
        value.count += 1;
        value.sum += one;
        if (one > value.max) value.max = one;
        this.#onChange();
      };
      return { handle: { observe }, now: () => ({ name, doc, kind: 'summary', value: { ...value } }) };
    });
  }

  /** All metrics as they are now, in the order in which they were first asked for. */
  values(): readonly MetricValue[] {
    return [...this.#metrics.values()].map((metric) => metric.now());
  }

  #metric<H extends Kept['handle']>(
    name: string,
    kind: MetricValue['kind'],
    make: () => { readonly handle: H; now(): MetricValue },
  ): H {
    const known = this.#metrics.get(name);
    if (known?.kind === kind) return known.handle as H;
    if (!NAME.test(name) || name.length > MAX_NAME)
      throw new ConnectError(
        `'${name}' is no name for a metric: it takes words in lower case with hyphens between them, ${MAX_NAME} characters at most`,
      );
    const shown = shownNames(name, kind);
    const taken = shown.find((one) => this.#shown.has(one));
    if (known || taken !== undefined)
      throw new ConnectError(
        `The ${kind} '${name}' would be shown as '${taken ?? name}', which is another metric's name`,
      );
    if (this.#metrics.size >= MAX_METRICS)
      throw new ConnectError(
        `The metric '${name}' is one too many: a task has ${MAX_METRICS} at most. Names must not come out of data`,
      );
    for (const one of shown) this.#shown.add(one);
    const made = make();
    this.#metrics.set(name, { kind, ...made });
    this.#onChange();
    return made.handle;
  }
}

/** The names under which a metric is shown. */
function shownNames(name: string, kind: MetricValue['kind']): readonly string[] {
  return kind === 'summary' ? ['max', 'avg', 'sum', 'count'].map((part) => `${name}-${part}`) : [name];
}

function assertNumber(name: string, value: number, least: number): void {
  if (Number.isFinite(value) && value >= least) return;
  throw new ConnectError(
    `The metric '${name}' cannot take ${value}: it takes finite numbers${least === 0 ? ' of at least 0' : ''}`,
  );
}
