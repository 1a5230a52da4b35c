/** Bytes that may be on their way at once. Those who ask wait in line; one larger than the whole gets in when it is alone. */
export class ByteBudget {
  readonly limit: number;
  #used = 0;
  readonly #waiting: Array<{ bytes: number; admit: () => void }> = [];

  constructor(limit: number) {
    this.limit = limit;
  }

  get used(): number {
    return this.#used;
  }

  /** Resolves when the bytes are granted. @throws the signal's reason if it aborts first */
  acquire(bytes: number, signal?: AbortSignal): Promise<void> | undefined {
    if (this.#waiting.length === 0 && this.#fits(bytes)) {
      this.#used += bytes;
      return undefined;
    }
    return new Promise((resolve, reject) => {
      const entry = {
        bytes,
        admit: () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        },
      };
      const abort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(entry), 1);
        reject(signal!.reason);
        this.#admit();
      };
      if (signal?.aborted) return reject(signal.reason);
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiting.push(entry);
    });
  }

  /** Takes bytes that are there already, without waiting; the limit may be passed by them. Negative: gives some back. */
  add(bytes: number): void {
    this.#used += bytes;
    if (bytes < 0) this.#admit();
  }

  release(bytes: number): void {
    this.#used -= bytes;
    this.#admit();
  }

  #fits(bytes: number): boolean {
    return this.#used === 0 || this.#used + bytes <= this.limit;
  }

  #admit(): void {
    while (this.#waiting.length > 0 && this.#fits(this.#waiting[0]!.bytes)) {
      const { bytes, admit } = this.#waiting.shift()!;
      this.#used += bytes;
      admit();
    }
  }
}
