/** A set of whole numbers, kept as ranges in order. */
export class Ranges {
  readonly #ranges: Array<[from: number, to: number]> = [];

  /** Both ends included, in order. */
  get all(): ReadonlyArray<readonly [from: number, to: number]> {
    return this.#ranges;
  }

  has(value: number): boolean {
    const range = this.#ranges[this.#before(value)];
    return range !== undefined && value <= range[1];
  }

  /** @returns false if it was there already */
  add(value: number): boolean {
    const ranges = this.#ranges;
    const at = this.#before(value);
    const left = ranges[at];
    if (left && value <= left[1]) return false;
    const right = ranges[at + 1];
    const joinsRight = right !== undefined && right[0] === value + 1;
    if (left && left[1] === value - 1) {
      left[1] = joinsRight ? right[1] : value;
      if (joinsRight) ranges.splice(at + 1, 1);
    } else if (joinsRight) right[0] = value;
    else ranges.splice(at + 1, 0, [value, value]);
    return true;
  }

  /** What of a range is not in the set, as ranges. */
  missing(from: number, to: number): ReadonlyArray<readonly [from: number, to: number]> {
    const missing: Array<readonly [number, number]> = [];
    let next = from;
    for (const [start, end] of this.#ranges.slice(Math.max(0, this.#before(from)))) {
      if (start > to) break;
      if (start > next) missing.push([next, start - 1]);
      next = Math.max(next, end + 1);
    }
    if (next <= to) missing.push([next, to]);
    return missing;
  }

  /** The index of the last range that begins no later than the value; -1 if there is none. */
  #before(value: number): number {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#ranges[middle]![0] <= value) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
