/** Passes on what may happen often, the first at once, then no more than one a minute that says how many there were. */
export class Occasional {
  readonly #tell: (message: string) => void;
  #timer: NodeJS.Timeout | null = null;
  #last = '';
  #more = 0;

  constructor(tell: (message: string) => void) {
    this.#tell = tell;
  }

  tell(message: string): void {
    if (this.#timer) {
      this.#last = message;
      this.#more++;
      return;
    }
    this.#tell(message);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      const more = this.#more;
      this.#more = 0;
      if (more > 0) this.tell(`${this.#last} (one of ${more} like it in the last minute)`);
    }, 60_000);
    this.#timer.unref();
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
  }
}
