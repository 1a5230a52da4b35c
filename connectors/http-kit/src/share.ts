interface Entry {
  value: unknown;
  users: number;
  changed: ((users: number) => void) | null;
}

const entries = new Map<string, Entry>();

/**
 * Something that the tasks of a connector share as far as they run in one thread. Made by the first of them, gone with the last.
 */
export class Share<T> {
  readonly value: T;
  readonly #key: string;
  #held = true;

  /**
   * @param key what is shared, the connector's name included
   * @param changed is told how many use it now, whenever that changes
   */
  constructor(key: string, make: () => T, changed: (value: T, users: number) => void = () => {}) {
    const entry = entries.get(key) ?? { value: make(), users: 0, changed: null };
    entries.set(key, entry);
    this.#key = key;
    this.value = entry.value as T;
    entry.changed = (users) => changed(this.value, users);
    entry.changed(++entry.users);
  }

  release(): void {
    if (!this.#held) return;
    this.#held = false;
    const entry = entries.get(this.#key)!;
    entry.users--;
    if (entry.users === 0) entries.delete(this.#key);
    else entry.changed?.(entry.users);
  }
}
