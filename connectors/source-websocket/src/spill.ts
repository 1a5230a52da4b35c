import { mkdirSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import { messageOf, RetriableError } from '@tributary/api';
import { open, type RootDatabase } from 'lmdb';
import type { Overflow } from './buffer.ts';
import type { Entry } from './entry.ts';

/** Portions are numbered from here, so that there is room in front of them. */
const FIRST = 2 ** 40;

/** Entries on disk: portions in an LMDB environment in a folder of the task's own. What is left there is found again by the next open. */
export class Spill implements Overflow {
  readonly #folder: string;
  readonly #database: RootDatabase<Buffer, number>;
  #first = FIRST;
  /** The number after the last portion. */
  #next = FIRST;
  #size = 0;

  /** @throws RetriableError if the folder cannot be used */
  constructor(folder: string) {
    this.#folder = folder;
    try {
      mkdirSync(folder, { recursive: true });
      this.#database = open({ path: folder, encoding: 'binary', keyEncoding: 'ordered-binary', noSync: true });
    } catch (error) {
      throw new RetriableError(`The spill folder ${folder} cannot be used: ${messageOf(error)}`, { cause: error });
    }
    const keys = [...this.#database.getKeys()];
    if (keys.length === 0) return;
    this.#first = keys[0]!;
    this.#next = keys.at(-1)! + 1;
    for (const key of keys) this.#size += this.#read(key).length;
  }

  get size(): number {
    return this.#size;
  }

  push(entries: readonly Entry[]): void {
    this.#write(this.#next++, entries);
  }

  unshift(entries: readonly Entry[]): void {
    this.#write(--this.#first, entries);
  }

  shift(): readonly Entry[] {
    if (this.#first === this.#next) return [];
    const entries = this.#read(this.#first);
    this.#database.removeSync(this.#first++);
    this.#size -= entries.length;
    return entries;
  }

  async close(): Promise<void> {
    await this.#database.flushed;
    await this.#database.close();
  }

  #write(key: number, entries: readonly Entry[]): void {
    try {
      this.#database.putSync(key, serialize(entries));
    } catch (error) {
      throw new RetriableError(`The spill folder ${this.#folder} cannot be written: ${messageOf(error)}`, {
        cause: error,
      });
    }
    this.#size += entries.length;
  }

  #read(key: number): readonly Entry[] {
    const bytes = this.#database.get(key);
    return bytes ? (deserialize(bytes) as readonly Entry[]) : [];
  }
}
