import { parseArgs } from 'node:util';
import type { WorkerOptions } from './workers.ts';

const DEFAULT_HEAP_MB = 512;

/** The options that both side-by-side benchmarks take. */
export interface SideBySideOptions {
  readonly records: number;
  readonly runs: number;
  readonly only: readonly string[];
  /** Without Java. */
  readonly alone: boolean;
  /** The `<what>` of the file of results. */
  readonly save: string;
  readonly workerOptions: WorkerOptions;
}

export interface SideBySideDefaults {
  readonly records: number;
  readonly runs: number;
  readonly save: string;
}

/** @throws Error that names a wrong option */
export function sideBySideOptions(args: readonly string[], defaults: SideBySideDefaults): SideBySideOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      records: { type: 'string', default: String(defaults.records) },
      runs: { type: 'string', default: String(defaults.runs) },
      only: { type: 'string', multiple: true, default: [] },
      alone: { type: 'boolean', default: false },
      save: { type: 'string', default: defaults.save },
      'java-heap-mb': { type: 'string', default: String(DEFAULT_HEAP_MB) },
      'node-arg': { type: 'string', multiple: true, default: [] },
    },
  });
  return {
    records: count('records', values.records),
    runs: count('runs', values.runs),
    only: values.only.flatMap((names) => names.split(',')),
    alone: values.alone,
    save: values.save,
    workerOptions: { javaHeapMb: count('java-heap-mb', values['java-heap-mb']), nodeArgs: values['node-arg'] },
  };
}

/** The options that the benchmarks beside bare loops take. */
export interface FlowOptions {
  readonly records: number;
  /** Records a second, at the fixed rate. */
  readonly rate: number;
  readonly seconds: number;
  readonly symbols: number;
  readonly runs: number;
  /** `--set`. */
  readonly props: Readonly<Record<string, string>>;
  readonly save: string;
  readonly workerOptions: WorkerOptions;
  /** What was given for the options that name things. */
  readonly names: Readonly<Record<string, readonly string[]>>;
}

export type FlowDefaults = Pick<FlowOptions, 'records' | 'rate' | 'seconds' | 'symbols' | 'runs' | 'save'>;

/** @param naming options that may be repeated and name things, for {@link chosen} @throws Error that names a wrong option */
export function flowOptions(args: readonly string[], defaults: FlowDefaults, naming: readonly string[]): FlowOptions {
  const several = { type: 'string', multiple: true, default: [] as string[] } as const;
  const text = (name: keyof FlowDefaults) => ({ type: 'string', default: String(defaults[name]) }) as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...Object.fromEntries(naming.map((name) => [name, several])),
      records: text('records'),
      rate: text('rate'),
      seconds: text('seconds'),
      symbols: text('symbols'),
      runs: text('runs'),
      save: text('save'),
      set: several,
      'node-arg': several,
    },
  });
  const given = values as Readonly<Record<string, unknown>>;
  return {
    records: count('records', values.records),
    rate: count('rate', values.rate),
    seconds: count('seconds', values.seconds),
    symbols: count('symbols', values.symbols),
    runs: count('runs', values.runs),
    props: Object.fromEntries(values.set.map(property)),
    save: values.save,
    workerOptions: { javaHeapMb: DEFAULT_HEAP_MB, nodeArgs: values['node-arg'] },
    names: Object.fromEntries(naming.map((name) => [name, given[name] as readonly string[]])),
  };
}

/** A whole number of at least 1. @throws Error that names the option */
export function count(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new Error(`--${name} takes a whole number of at least 1, not '${text}'`);
  return number;
}

/** `key=value`. @throws Error for what is none */
function property(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at <= 0) throw new Error(`--set takes key=value, not '${text}'`);
  return [text.slice(0, at), text.slice(at + 1)];
}

/** Names of an option that may be repeated, and name several at once; all of them if it is not given. @throws Error that names what there is */
export function chosen<T extends string>(option: string, given: readonly string[], all: readonly T[]): readonly T[] {
  const names = given.flatMap((text) => text.split(','));
  const unknown = names.find((name) => !all.some((known) => known === name));
  if (unknown !== undefined) throw new Error(`--${option} takes ${all.join(', ')}, not '${unknown}'`);
  return names.length === 0 ? all : all.filter((name) => names.includes(name));
}
