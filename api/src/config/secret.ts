import { inspect } from 'node:util';

const HIDDEN = '[hidden]';

/** The value of a `password` key. It shows as `[hidden]` wherever it is printed, logged or serialised; `reveal()` hands it out. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [inspect.custom](): string {
    return HIDDEN;
  }
}
