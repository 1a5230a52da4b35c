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

/** A whole number of at least 1. @throws Error that names the option */
export function count(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new Error(`--${name} takes a whole number of at least 1, not '${text}'`);
  return number;
}

/** `key=value`. @throws Error for what is none */
export function property(text: string): [string, string] {
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
