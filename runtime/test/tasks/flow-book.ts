/** What the connectors of `fixtures/flow` and their tests share. */

import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Props, SinkContext } from '@tributary/api';
import { type TestWorker, until } from '../support/worker.ts';

export const FLOW_PLUGINS = join(import.meta.dirname, 'fixtures', 'flow');
export const MIB = 1_048_576;

const STRING = 'org.apache.kafka.connect.storage.StringConverter';

/** For a worker whose tasks share the test's thread, and with it the books. */
export const FLOW_PROPS: Props = {
  'task.isolation': 'shared',
  'plugin.path': FLOW_PLUGINS,
  'key.converter': STRING,
  'value.converter': STRING,
};

export interface Book {
  /** How far the source goes. */
  limit: number;
  /** How far the source was pulled, and how far it was told that its records are durable. */
  pulled: number;
  durable: number;
  /** The most records that were between the two. */
  most: number;
  /** Numbers that a sink took. */
  readonly arrived: number[];
  /** How often the sink was given partitions. */
  opened: number;
  context: SinkContext | undefined;
  onPut: (() => void) | undefined;
  /** The first offset of each `put` that did not return. */
  readonly hung: number[];
}

const books = new Map<string, Book>();
Object.assign(globalThis, { flowBooks: books });

export function book(name: string, limit = Number.POSITIVE_INFINITY): Book {
  const made: Book = {
    limit,
    pulled: 0,
    durable: 0,
    most: 0,
    arrived: [],
    opened: 0,
    context: undefined,
    onPut: undefined,
    hung: [],
  };
  books.set(name, made);
  return made;
}

export async function create({ call }: Pick<TestWorker, 'call'>, name: string, config: Props): Promise<void> {
  const { status, text } = await call('POST', '/connectors', { name, config });
  if (status !== 201) throw new Error(text);
}

/** Waits until a figure has stood still for many turns of the event loop. */
export async function still(look: () => number): Promise<number> {
  let last = Number.NaN;
  let same = 0;
  await until(() => {
    const now = look();
    same = now === last ? same + 1 : 0;
    last = now;
    return same >= 50;
  });
  return last;
}

/** The first number that is not where it belongs, with its neighbours; null if each is there once and in order. */
export function firstOutOfPlace(numbers: readonly number[], step = 1): readonly number[] | null {
  const at = numbers.findIndex((n, index) => n !== index * step);
  return at < 0 ? null : numbers.slice(Math.max(0, at - 2), at + 3);
}

/** Bytes of the heap and of buffers, garbage left out. */
export function held(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
