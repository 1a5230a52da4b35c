import {
  ConfigError,
  type ConnectRecord,
  type Logger,
  messageOf,
  type Props,
  parseConfig,
  type SinkRecord,
  type SourceRecord,
} from '@tributary/api';
import type { RawHeader, RecordRead, RecordToSend } from '../broker/port.ts';
import { commonConfig } from '../config/connector-config.ts';
import { pipelineErrors } from '../config/pipeline-checks.ts';
import type { PluginRegistry } from '../plugins/registry.ts';
import { buildChain, type Chain } from './chain.ts';
import { buildConverters, type Converters } from './converters.ts';
import { ErrorHandler, type Failure, SKIPPED, type Stage } from './errors.ts';
import { Lineage, type StepState } from './lineage.ts';
import { SinkPipeline, sinkPlace } from './sink-pipeline.ts';
import { turn } from './slices.ts';
import { SourcePipeline, placeOf as sourcePlace } from './source-pipeline.ts';

export interface PreviewOptions {
  readonly registry: PluginRegistry;
  /** Transforms, predicates, converters and `errors.*`; other keys are those of a connector and have no meaning here. */
  readonly props: Props;
  /** The worker's config, for the converters that `props` does not name. */
  readonly workerProps: Props;
  /** Which kind of record the transforms are given. */
  readonly direction: 'sink' | 'source';
  readonly records: readonly RecordRead[];
  /** How long all of it may take, in milliseconds; what is not done by then has failed. */
  readonly timeoutMs: number;
  readonly log: Logger;
}

export interface PreviewFailure {
  readonly stage: Stage;
  readonly message: string;
}

/** A record as it stands in Kafka, or would. */
export interface PreviewState {
  readonly topic: string;
  readonly partition: number | null;
  readonly timestamp: number | null;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly RawHeader[];
}

/** A record as a transform left it. */
export interface PreviewStep {
  readonly transform: string;
  /** Without key, value and headers if the converters cannot write them; `error` says why. */
  readonly state: PreviewState;
  readonly error: PreviewFailure | null;
}

/** What became of a record, or of one of those that a transform made of it. */
export interface Previewed {
  /** The index of the record that it comes from. */
  readonly input: number;
  readonly outcome: 'emitted' | 'filtered' | 'failed';
  /** What was emitted; otherwise the last state before it was dropped or failed. */
  readonly state: PreviewState;
  readonly steps: readonly PreviewStep[];
  /** The transform that dropped it or failed on it, if one did. */
  readonly transform: string | null;
  readonly error: PreviewFailure | null;
}

/** Takes note of a failure instead of deciding about it: nothing is tried again, and no record stops the others. */
class Failures extends ErrorHandler {
  #last: Failure | null = null;

  constructor(props: Props, log: Logger, signal: AbortSignal) {
    const none = (): void => {};
    const counts = { failure: none, error: none, skipped: none, retried: none, logged: none };
    super(parseConfig(commonConfig, props).config, { connector: 'preview', task: 0 }, log, counts, signal);
  }

  override async handle(failure: Failure): Promise<typeof SKIPPED> {
    this.#last = failure;
    return SKIPPED;
  }

  readonly take = (): Failure | null => {
    const last = this.#last;
    this.#last = null;
    return last;
  };
}

const NO_CHAIN: Chain = { length: 0, apply: async (records) => records, close: async () => {} };

/**
 * The config with which converters leave no trace: they look schemas up in a registry, but register none.
 */
function withoutTrace(props: Props): Props {
  const quiet = ['key', 'value', 'header'].map((which) => [`${which}.converter.auto.register.schemas`, 'false']);
  return { ...props, ...Object.fromEntries(quiet) };
}

/**
 * Runs records through converters and transforms as a task would, and back through the converters, without a connector.
 * @throws ConfigError with every error of the config
 */
export async function preview(options: PreviewOptions): Promise<readonly Previewed[]> {
  const { registry, timeoutMs, log } = options;
  const props = withoutTrace(options.props);
  const problems = await pipelineErrors(registry, options.props);
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
  const abort = new AbortController();
  const { signal } = abort;
  const timer = setTimeout(() => abort.abort(), timeoutMs);
  const closers: Array<() => Promise<void>> = [];
  try {
    const chain = await beforeAbort(buildChain(registry, props), signal, () => {
      throw new ConfigError(`The transforms did not start within ${timeoutMs} ms`);
    });
    closers.push(() => chain.close());
    const converters = await buildConverters(registry, props, withoutTrace(options.workerProps));
    closers.push(() => converters.close());
    return await new Run(options, chain, converters, new Failures(props, log, signal)).all();
  } finally {
    clearTimeout(timer);
    // One that hangs must not hold the answer up.
    for (const close of closers)
      close().catch((error: unknown) => log.warn(`A preview was not closed in order: ${messageOf(error)}`));
  }
}

/** Resolves with the promise, or with what `otherwise` gives once the signal aborts. */
async function beforeAbort<T>(promise: Promise<T>, signal: AbortSignal, otherwise: () => T): Promise<T> {
  let abort = (): void => {};
  const aborted = new Promise<typeof SKIPPED>((resolve) => {
    abort = () => resolve(SKIPPED);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
  try {
    const first = await Promise.race([promise, aborted]);
    return first === SKIPPED ? otherwise() : first;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

class Run {
  readonly #options: PreviewOptions;
  readonly #chain: Chain;
  readonly #failures: Failures;
  readonly #reading: SinkPipeline;
  readonly #writing: SourcePipeline;
  /** Where the present record is. */
  #stage: Stage = 'KEY_CONVERTER';

  constructor(options: PreviewOptions, chain: Chain, converters: Converters, failures: Failures) {
    this.#options = options;
    this.#chain = chain;
    this.#failures = failures;
    this.#reading = new SinkPipeline(NO_CHAIN, converters, failures);
    this.#writing = new SourcePipeline(NO_CHAIN, converters, failures, async () => ({ maxRecordBytes: null }));
  }

  async all(): Promise<readonly Previewed[]> {
    const { records, timeoutMs } = this.#options;
    const { signal } = this.#failures;
    const previewed: Previewed[] = [];
    for (const [input, raw] of records.entries()) {
      await turn();
      const reached = !signal.aborted;
      const hung = (): readonly Previewed[] => {
        const message = `The preview was stopped after ${timeoutMs} ms${reached ? ', while it worked on this record' : ' and did not come to this record'}`;
        return [failed(input, stateOf(raw), { stage: this.#stage, message })];
      };
      previewed.push(...(reached ? await beforeAbort(this.#one(input, raw), signal, hung) : hung()));
    }
    return previewed;
  }

  async #one(input: number, raw: RecordRead): Promise<readonly Previewed[]> {
    this.#stage = 'VALUE_CONVERTER';
    const [read] = await this.#reading.process([raw]);
    const failure = this.#failures.take();
    if (failure || !read) return [failed(input, stateOf(raw), described(failure!))];

    this.#stage = 'TRANSFORMATION';
    const lineage = new Lineage(this.#failures.take);
    const out = await this.#transform(read, lineage);

    this.#stage = 'VALUE_CONVERTER';
    const previewed: Previewed[] = [];
    for (const { steps: states, transform, failure: why } of lineage.endings) {
      const steps = await this.#steps(states);
      const state = steps.at(-1)?.state ?? stateOf(raw);
      const error = why && described(why);
      previewed.push({ input, outcome: error ? 'failed' : 'filtered', state, steps, transform, error });
    }
    for (const [i, record] of out.entries()) {
      const steps = await this.#steps(lineage.survivors[i]!);
      const { state, error } = await this.#write(record);
      previewed.push({ input, outcome: error ? 'failed' : 'emitted', state, steps, transform: null, error });
    }
    return previewed;
  }

  #transform(read: SinkRecord, lineage: Lineage): Promise<readonly ConnectRecord[]> {
    if (this.#options.direction === 'sink') return this.#chain.apply([read], this.#failures, sinkPlace, lineage);
    // What a source yields has no offset in Kafka, and a partition only if the source chose one.
    const { topic, partition, key, keySchema, value, valueSchema, timestamp, headers } = read;
    const record: SourceRecord = {
      topic,
      partition: partition < 0 ? null : partition,
      key,
      keySchema,
      value,
      valueSchema,
      timestamp,
      headers,
      sourcePartition: null,
      sourceOffset: null,
    };
    return this.#chain.apply([record], this.#failures, sourcePlace, lineage);
  }

  async #steps(states: readonly StepState[]): Promise<readonly PreviewStep[]> {
    const steps: PreviewStep[] = [];
    for (const { transform, record } of states) steps.push({ transform, ...(await this.#write(record)) });
    return steps;
  }

  async #write(
    record: ConnectRecord,
  ): Promise<{ readonly state: PreviewState; readonly error: PreviewFailure | null }> {
    const { topic, partition, timestamp } = record;
    const [written] = await this.#writing.process([{ ...record, sourcePartition: null, sourceOffset: null }]);
    const failure = this.#failures.take();
    if (failure || !written) {
      return {
        state: { topic, partition, timestamp, key: null, value: null, headers: [] },
        error: described(failure!),
      };
    }
    return { state: stateOf(written), error: null };
  }
}

const described = ({ stage, plugin, error }: Failure): PreviewFailure => ({
  stage,
  message: `${messageOf(error).trimEnd()} [${plugin}]`,
});

const failed = (input: number, state: PreviewState, error: PreviewFailure): Previewed => ({
  input,
  outcome: 'failed',
  state,
  steps: [],
  transform: null,
  error,
});

const stateOf = ({ topic, partition, timestamp, key, value, headers }: RecordRead | RecordToSend): PreviewState => ({
  topic,
  partition: partition !== null && partition < 0 ? null : partition,
  timestamp: timestamp !== null && timestamp < 0 ? null : timestamp,
  key,
  value,
  headers,
});
