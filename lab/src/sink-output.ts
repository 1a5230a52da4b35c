import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Told of each record that a sink has stored; the place is topic and partition with a space between. */
export type OnStored = (place: string, offset: number, value: string) => void;

const CHUNK_BYTES = 4 * 1024 * 1024;

/** What the appending sink has written, read on as it grows. */
export class AppendedFiles {
  readonly #folder: string;
  readonly #positions = new Map<string, number>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Gives out what came since the last call. A line that was cut off by a kill is none. */
  poll(onStored: OnStored): void {
    for (const name of readdirSync(this.#folder).filter((file) => file.endsWith('.txt'))) {
      const file = openSync(join(this.#folder, name), 'r');
      const buffer = Buffer.alloc(CHUNK_BYTES);
      for (let position = this.#positions.get(name) ?? 0; ; ) {
        const filled = buffer.subarray(0, readSync(file, buffer, 0, CHUNK_BYTES, position));
        const length = filled.lastIndexOf('\n') + 1;
        if (length === 0) break;
        for (const line of filled.toString('utf8', 0, length - 1).split('\n')) {
          const [topic, partition, offset, value] = line.split(' ');
          onStored(`${topic} ${partition}`, Number(offset), value!);
        }
        position += length;
        this.#positions.set(name, position);
      }
      closeSync(file);
    }
  }
}

/** What the exactly-once sink has stored, read on as it grows. */
export class Databases {
  readonly #folder: string;
  readonly #rows = new Map<string, number>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  poll(onStored: OnStored): void {
    this.#each((name, db) => {
      const [, topic, partition] = /^[^-]+-(.*)-(\d+)\.db$/.exec(name)!;
      const rows = db.prepare('SELECT rowid, offset, value FROM records WHERE rowid > ?');
      for (const { rowid, offset, value } of rows.iterate(this.#rows.get(name) ?? 0)) {
        onStored(`${topic} ${partition}`, Number(offset), String(value));
        this.#rows.set(name, Number(rowid));
      }
    });
  }

  /** Records that came although they were stored already. */
  repeats(): number {
    let sum = 0;
    this.#each((_name, db) => {
      sum += Number(db.prepare('SELECT repeats FROM position').get()?.['repeats'] ?? 0);
    });
    return sum;
  }

  #each(visit: (name: string, db: DatabaseSync) => void): void {
    for (const name of readdirSync(this.#folder).filter((file) => file.endsWith('.db'))) {
      const db = new DatabaseSync(join(this.#folder, name), { timeout: 5_000, readOnly: true });
      try {
        visit(name, db);
      } finally {
        db.close();
      }
    }
  }
}
