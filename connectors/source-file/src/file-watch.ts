import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';

/** A file is looked at this often even if the system reports no change: network file systems do not. Milliseconds. */
const POLL = 500;
/** A file that is written to in small pieces is not looked at more often than this. Milliseconds. */
const PAUSE = 2;

/** Tells when a file may have changed, been created or been replaced. */
export class FileWatch {
  readonly #directory: string;
  readonly #name: string;
  #watcher: FSWatcher | null = null;
  #changed = false;
  #wake: () => void = () => {};

  constructor(file: string) {
    this.#directory = dirname(resolve(file));
    this.#name = basename(file);
    this.#watch();
  }

  /** Resolves at the first change since the last call, after a while without one, or when the signal aborts. */
  async change(signal: AbortSignal): Promise<void> {
    if (!this.#watcher) this.#watch();
    if (!this.#changed) await this.#sleep(POLL, signal);
    if (this.#changed) await this.#sleep(PAUSE, signal);
    this.#changed = false;
  }

  close(): void {
    this.#watcher?.close();
    this.#watcher = null;
  }

  /** Watches the folder, since a file that is renamed takes its watch with it. */
  #watch(): void {
    try {
      this.#watcher = watch(this.#directory, { persistent: false }, (_event, name) => {
        if (name !== null && name !== this.#name) return;
        this.#changed = true;
        this.#wake();
      });
      this.#watcher.on('error', () => this.close());
    } catch {
      this.#watcher = null; // no such folder, or the system's watches are used up: looking every POLL must do
    }
  }

  #sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((done) => {
      const finish = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', finish);
        this.#wake = () => {};
        done();
      };
      const timer = setTimeout(finish, milliseconds);
      if (!this.#changed) this.#wake = finish;
      signal.addEventListener('abort', finish, { once: true });
    });
  }
}
