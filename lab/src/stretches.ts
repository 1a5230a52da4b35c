import type { Stretch } from './lane-check.ts';

/** What each lane of a source should have written, as offsets are set back and as the source goes on. */
export class Stretches {
  readonly #lanes: Array<{ done: Stretch[]; from: number }>;

  constructor(lanes: number) {
    this.#lanes = Array.from({ length: lanes }, () => ({ done: [], from: 0 }));
  }

  /** The source had written up to `last`, and goes on from `from`. */
  rewound(lane: number, last: number, from: number): void {
    const of = this.#lanes[lane]!;
    of.done.push({ from: of.from, to: last });
    of.from = from;
  }

  /** What is expected once every lane has reached `last`. */
  until(lane: number, last: number): readonly Stretch[] {
    const { done, from } = this.#lanes[lane]!;
    return [...done, { from, to: last }];
  }
}
