/** A set of whole numbers that is kept as ranges, the oldest of which are forgotten. */
export class Ranges {
  readonly #limit: number;
  #ranges: Array<readonly [from: number, to: number]> = [];

  /** @param limit how many ranges are kept */
  constructor(limit: number) {
    this.#limit = limit;
  }

  add(from: number, to: number): void {
    this.#ranges.push([from, to]);
    if (this.#ranges.length > this.#limit) this.#ranges.shift();
  }

  /** Takes a number out. @returns whether it was there */
  remove(value: number): boolean {
    const at = this.#ranges.findIndex(([from, to]) => from <= value && value <= to);
    if (at < 0) return false;
    const [from, to] = this.#ranges[at]!;
    const rest: Array<readonly [number, number]> = [];
    if (from < value) rest.push([from, value - 1]);
    if (value < to) rest.push([value + 1, to]);
    this.#ranges.splice(at, 1, ...rest);
    return true;
  }

  clear(): void {
    this.#ranges = [];
  }
}
