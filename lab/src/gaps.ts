/** A time without records in a lane. */
export interface Gap {
  readonly lane: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Shorter ones are the rhythm of the source, ms. */
const LEAST_MS = 200;

/** Times in which a lane had no records, by the timestamps of the records around them. */
export class Gaps {
  readonly #last = new Map<string, number>();
  readonly #gaps: Gap[] = [];

  add(lane: string, timestampMs: number): void {
    const last = this.#last.get(lane);
    if (last !== undefined && timestampMs - last >= LEAST_MS)
      this.#gaps.push({ lane, fromMs: last, untilMs: timestampMs });
    this.#last.set(lane, Math.max(last ?? 0, timestampMs));
  }

  /** The longest of those that were there at some time between the two. */
  longest(fromMs: number, untilMs: number): Gap | undefined {
    const lengthOf = (gap: Gap | undefined): number => (gap ? gap.untilMs - gap.fromMs : 0);
    return this.#gaps
      .filter((gap) => gap.untilMs > fromMs && gap.fromMs < untilMs)
      .reduce<Gap | undefined>((longest, gap) => (lengthOf(gap) > lengthOf(longest) ? gap : longest), undefined);
  }
}
