import {
  type BatchTransform,
  ConfigError,
  type ConnectRecord,
  DataError,
  type Props,
  parseConfig,
  type RecordPredicate,
  type RecordTransform,
  type TransformContext,
  type TransformDefinition,
  type TransformResult,
} from '@tributary/api';
import { commonConfig } from '../config/connector-config.ts';
import { withPrefix } from '../config/worker-config.ts';
import type { DefinitionOf, PluginRegistry } from '../plugins/registry.ts';
import { type ErrorHandler, type RecordPlace, SKIPPED } from './errors.ts';

interface StepParts {
  readonly alias: string;
  readonly class: string;
  readonly applies: RecordPredicate | null;
  close(): Promise<void>;
}
type EachStep = StepParts & { readonly synchronous: RecordTransform };
type BatchStep = StepParts & { readonly batch: BatchTransform };
type Step = EachStep | BatchStep;
type Close = () => void | Promise<void>;

/** Is told what each transform made of each record, in order. */
export interface ChainObserver {
  /** A transform begins; {@link made} follows once for each record that came as far. */
  step(alias: string): void;
  /**
   * @param applied false where the transform's predicate did not hold
   * @param results what goes on to the next transform: none if the record was dropped, or failed and was passed by
   */
  made(record: ConnectRecord, applied: boolean, results: readonly ConnectRecord[]): void;
}

/** The transforms of a connector, in order, each with its condition; made once, when a task starts. */
export interface Chain {
  readonly length: number;
  /**
   * Sends records through. The answer has the records that came out, in order; those that were dropped, or failed and were passed
   * by, are missing.
   */
  apply<R extends ConnectRecord>(
    records: readonly R[],
    errors: ErrorHandler,
    placeOf: (record: R) => RecordPlace,
    observer?: ChainObserver,
  ): Promise<readonly R[]>;
  close(): Promise<void>;
}

type ChainKind = 'transformation' | 'predicate';

async function made<K extends ChainKind>(registry: PluginRegistry, props: Props, kind: K, prefix: string) {
  const type = props[`${prefix}type`] ?? '';
  const plugin = registry.find([kind], type, props[`${prefix}plugin.version`]);
  if (!plugin)
    throw new ConfigError(`Invalid value ${type} for configuration ${prefix}type: Class ${type} could not be found.`);
  const definition: DefinitionOf[K] = await plugin.load();
  const { config, errors } = parseConfig(definition.config, withPrefix(props, prefix));
  if (errors.size > 0) {
    throw new ConfigError(
      [...errors].flatMap(([key, messages]) => messages.map((message) => `${prefix}${key}: ${message}`)).join('\n'),
    );
  }
  return { definition, config };
}

function condition(predicate: RecordPredicate | undefined, negate: boolean): RecordPredicate | null {
  if (!predicate) return null;
  return negate ? (record) => !predicate(record) : predicate;
}

/** Builds the chain that a connector's config describes. @throws ConfigError */
export async function buildChain(registry: PluginRegistry, props: Props): Promise<Chain> {
  const { config } = parseConfig({ transforms: commonConfig.transforms, predicates: commonConfig.predicates }, props);
  const predicates = new Map<string, RecordPredicate>();
  for (const alias of config.predicates) {
    const { definition, config: own } = await made(registry, props, 'predicate', `predicates.${alias}.`);
    predicates.set(alias, definition.create(own));
  }
  const steps: Step[] = [];
  for (const alias of config.transforms) {
    const { definition, config: own } = await made(registry, props, 'transformation', `transforms.${alias}.`);
    const name = props[`transforms.${alias}.predicate`];
    if (name !== undefined && !predicates.has(name)) {
      throw new ConfigError(
        `transforms.${alias}.predicate: there is no predicate '${name}'; list it under 'predicates'`,
      );
    }
    const applies = condition(
      name === undefined ? undefined : predicates.get(name),
      props[`transforms.${alias}.negate`]?.trim().toLowerCase() === 'true',
    );
    steps.push(await stepOf(alias, definition, own, applies));
  }
  return chainOf(steps);
}

async function stepOf(
  alias: string,
  definition: TransformDefinition,
  config: Record<string, unknown>,
  applies: RecordPredicate | null,
): Promise<Step> {
  const closers: Close[] = [];
  const context: TransformContext = { onClose: (close) => void closers.push(close) };
  const parts: StepParts = {
    alias,
    class: definition.class,
    applies,
    async close() {
      for (const close of closers.splice(0).reverse()) await close();
    },
  };
  return definition.asynchronous
    ? { ...parts, batch: await definition.create(config, context) }
    : { ...parts, synchronous: definition.create(config, context) };
}

function chainOf(steps: readonly Step[]): Chain {
  return {
    length: steps.length,
    async apply(records, errors, placeOf, observer) {
      let current = records;
      for (const step of steps) {
        if (current.length === 0) break;
        observer?.step(step.alias);
        current =
          'batch' in step
            ? await runBatch(step, current, errors, placeOf, observer)
            : await runEach(step, current, errors, placeOf, observer);
      }
      return current;
    },
    async close() {
      for (const step of steps) await step.close();
    },
  };
}

async function runEach<R extends ConnectRecord>(
  step: EachStep,
  records: readonly R[],
  errors: ErrorHandler,
  placeOf: (record: R) => RecordPlace,
  observer: ChainObserver | undefined,
): Promise<readonly R[]> {
  const { applies, synchronous } = step;
  let applied = true;
  const one = (record: R): R | null => {
    applied = applies === null || applies(record);
    return applied ? synchronous(record) : record;
  };
  const out: R[] = [];
  for (const record of records) {
    let result: R | null | typeof SKIPPED;
    try {
      result = one(record);
    } catch (error) {
      result = await errors.handle(
        { stage: 'TRANSFORMATION', plugin: step.class, error, place: placeOf(record), record },
        () => one(record),
      );
    }
    const passes = result !== null && result !== SKIPPED;
    if (passes) out.push(result as R);
    observer?.made(record, applied, passes ? [result as R] : []);
  }
  return out;
}

async function runBatch<R extends ConnectRecord>(
  step: BatchStep,
  records: readonly R[],
  errors: ErrorHandler,
  placeOf: (record: R) => RecordPlace,
  observer: ChainObserver | undefined,
): Promise<readonly R[]> {
  const { applies } = step;
  const asError = (error: unknown): Error => (error instanceof Error ? error : new DataError(String(error)));
  const verdicts = records.map((record): boolean | Error => {
    try {
      return applies === null || applies(record);
    } catch (error) {
      return asError(error);
    }
  });
  const chosen = records.filter((_record, i) => verdicts[i] === true);
  const call = async (input: readonly R[]): Promise<ReadonlyArray<TransformResult<R>>> => {
    const results = await step.batch(input, errors.signal);
    if (results.length === input.length) return results;
    throw new DataError(`${step.class} returned ${results.length} results for ${input.length} records`);
  };
  let results: ReadonlyArray<TransformResult<R>>;
  try {
    results = chosen.length === 0 ? [] : await call(chosen);
  } catch (error) {
    // The batch as a whole failed: every record of it failed, and each is handled by itself.
    results = chosen.map(() => asError(error));
  }
  const out: R[] = [];
  let next = 0;
  for (const [i, record] of records.entries()) {
    const verdict = verdicts[i]!;
    if (verdict === false) {
      out.push(record);
      observer?.made(record, false, [record]);
      continue;
    }
    let result: TransformResult<R> | typeof SKIPPED = verdict === true ? results[next++]! : verdict;
    if (result instanceof Error) {
      const failure = {
        stage: 'TRANSFORMATION',
        plugin: step.class,
        error: result,
        place: placeOf(record),
        record,
      } as const;
      result = await errors.handle(failure, async () => {
        if (applies !== null && !applies(record)) return record;
        const [again] = await call([record]);
        if (again instanceof Error) throw again;
        return again!;
      });
    }
    const made = result === null || result === SKIPPED ? [] : Array.isArray(result) ? result : [result];
    out.push(...(made as readonly R[]));
    observer?.made(record, true, made as readonly R[]);
  }
  return out;
}
