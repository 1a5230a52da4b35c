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
