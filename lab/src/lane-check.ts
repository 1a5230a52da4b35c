/** Numbers that a lane must have, in order: from one, up to and including another. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** What is wrong with one lane, or with how often it came. */
export interface LaneReport {
  readonly lane: number;
  readonly records: number;
  /** Missing altogether, at most `EXAMPLES`. */
  readonly missing: readonly number[];
  readonly missingCount: number;
  /** Came once more than it should, at most `EXAMPLES`. */
  readonly doubles: readonly number[];
  readonly doubleCount: number;
  /** How often a number was not above the one before it, rewinds aside. */
  readonly stepsBack: number;
}

const EXAMPLES = 20;

/** Follows one lane of the source through its topic. */
export class LaneCheck {
  readonly #lane: number;
  readonly #stretches: readonly Stretch[];
  readonly #counts: Uint16Array;
  #records = 0;
  #stepsBack = 0;
  #last = -1;
  #rewinds = 0;

  /** @param stretches what is expected; a further stretch begins where offsets were set back */
  constructor(lane: number, stretches: readonly Stretch[]) {
    this.#lane = lane;
    this.#stretches = stretches.filter(({ from, to }) => to >= from);
    this.#counts = new Uint16Array(1 + Math.max(-1, ...this.#stretches.map(({ to }) => to)));
  }

  add(number: number): void {
    this.#records++;
    if (number < this.#counts.length) this.#counts[number]!++;
    if (number <= this.#last) {
      const next = this.#stretches[this.#rewinds + 1];
      const before = this.#stretches[this.#rewinds];
      if (next && number === next.from && this.#last === before?.to) this.#rewinds++;
      else this.#stepsBack++;
    }
    this.#last = number;
  }

  report(): LaneReport {
    const missing: number[] = [];
    const doubles: number[] = [];
    let missingCount = 0;
    let doubleCount = 0;
    const expected = new Uint16Array(this.#counts.length);
    for (const { from, to } of this.#stretches) for (let number = from; number <= to; number++) expected[number]!++;
    this.#counts.forEach((count, number) => {
      const surplus = count - expected[number]!;
      if (surplus < 0 && missingCount++ < EXAMPLES) missing.push(number);
      if (surplus > 0) {
        doubleCount += surplus;
        if (doubles.length < EXAMPLES) doubles.push(number);
      }
    });
    return {
      lane: this.#lane,
      records: this.#records,
      missing,
      missingCount,
      doubles,
      doubleCount,
      stepsBack: this.#stepsBack,
    };
  }
}

/** What a report says against the promise: each number as often as expected and in order, or at least once. */
export function violations(report: LaneReport, exactlyOnce: boolean): readonly string[] {
  const { lane, missing, missingCount, doubles, doubleCount, stepsBack } = report;
  const found: string[] = [];
  if (missingCount > 0) found.push(`lane ${lane} lacks ${missingCount} numbers: ${missing.join(', ')}`);
  if (exactlyOnce && doubleCount > 0) found.push(`lane ${lane} has ${doubleCount} doubles: ${doubles.join(', ')}`);
  if (exactlyOnce && stepsBack > 0) found.push(`lane ${lane} is out of order ${stepsBack} times`);
  return found;
}
