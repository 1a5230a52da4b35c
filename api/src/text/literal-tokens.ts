/** Without control characters and spaces at its ends, as String.trim of Java has it; other white space stays. */
export const javaTrim = (text: string): string => text.replace(/^[^!-\uffff]+|[^!-\uffff]+$/g, '');

/** Cuts a literal at `: , { } [ ] "` unless a backslash stands before; the marks are tokens too. Source: org.apache.kafka.connect.data.Values. */
export class LiteralTokens {
  readonly original: string;
  #at = 0;
  #next: string | null = null;
  /** The token that `next` returned last. */
  previous: string | null = null;

  constructor(original: string) {
    this.original = original;
  }

  mark(): number {
    return this.#at - (this.#next?.length ?? 0);
  }

  rewindTo(position: number): void {
    this.#at = position;
    this.#next = null;
    this.previous = null;
  }

  get hasNext(): boolean {
    return this.#next !== null || this.#at < this.original.length;
  }

  next(): string {
    this.previous = this.#next ?? this.#read();
    this.#next = null;
    return this.previous;
  }

  /** The text of the next `count` tokens, or undefined (and nothing consumed) if there are fewer. */
  take(count: number): string | undefined {
    const start = this.mark();
    for (let i = 0; i < count; i++) {
      if (!this.hasNext) {
        this.rewindTo(start);
        return undefined;
      }
      this.next();
    }
    return this.original.slice(start, this.#at);
  }

  /** Consumes the next token if it is this one, white space aside. */
  consume(expected: string): boolean {
    if (this.#next === null) {
      if (!this.hasNext) return false;
      this.#next = this.#read();
    }
    while (javaTrim(this.#next) === '' && this.#at < this.original.length) this.#next = this.#read();
    if (javaTrim(this.#next) !== expected) return false;
    this.#next = null;
    return true;
  }

  #read(): string {
    const start = this.#at;
    let escaped = false;
    for (; this.#at < this.original.length; this.#at++) {
      const char = this.original[this.#at]!;
      if (char === '\\') escaped = !escaped;
      else {
        if (!escaped && ':,{}[]"'.includes(char)) {
          if (start === this.#at) this.#at++;
          break;
        }
        escaped = false;
      }
    }
    return this.original.slice(start, this.#at);
  }
}
