import type { NumberAt } from './topic-log.ts';

interface Partition {
  readonly lanes: number[];
  readonly numbers: number[];
  readonly indexOf: Map<number, number>;
}

/** What readers of the topics can see, by place: what sinks are held against. */
export class Committed {
  readonly #partitions = new Map<string, Partition>();

  add(topic: string, { partition, offset, lane, number }: NumberAt): void {
    const key = `${topic} ${partition}`;
    const of: Partition = this.#partitions.get(key) ?? { lanes: [], numbers: [], indexOf: new Map() };
    this.#partitions.set(key, of);
    of.indexOf.set(offset, of.lanes.length);
    of.lanes.push(lane);
    of.numbers.push(number);
  }

  get places(): ReadonlyMap<string, Partition> {
    return this.#partitions;
  }
}

const EXAMPLES = 20;

/** Holds what a sink has against what it should have: each committed record at least once, or exactly once. */
export class SinkCheck {
  readonly #name: string;
  readonly #committed: Committed;
  readonly #counts = new Map<string, Uint16Array>();
  readonly #strange: string[] = [];
  #strangeCount = 0;
  #records = 0;

  constructor(name: string, committed: Committed) {
    this.#name = name;
    this.#committed = committed;
    for (const [key, { lanes }] of committed.places) this.#counts.set(key, new Uint16Array(lanes.length));
  }

  /** @param place topic and partition, with a space between */
  add(place: string, offset: number, value: string): void {
    this.#records++;
    const of = this.#committed.places.get(place);
    const index = of?.indexOf.get(offset);
    if (of && index !== undefined && value === `${of.lanes[index]}:${of.numbers[index]}`)
      this.#counts.get(place)![index]!++;
    else if (this.#strangeCount++ < EXAMPLES) this.#strange.push(`${place} ${offset} ${value}`);
  }

  report(exactlyOnce: boolean): { readonly records: number; readonly doubles: number; readonly violations: string[] } {
    const missing: string[] = [];
    const twice: string[] = [];
    let missingCount = 0;
    let doubles = 0;
    for (const [place, { indexOf }] of this.#committed.places) {
      const counts = this.#counts.get(place)!;
      for (const [offset, index] of indexOf) {
        const count = counts[index]!;
        if (count === 0 && missingCount++ < EXAMPLES) missing.push(`${place} ${offset}`);
        if (count > 1) {
          doubles += count - 1;
          if (twice.length < EXAMPLES) twice.push(`${place} ${offset}`);
        }
      }
    }
    const violations: string[] = [];
    if (missingCount > 0) violations.push(`sink ${this.#name} lacks ${missingCount} records: ${missing.join(', ')}`);
    if (this.#strangeCount > 0)
      violations.push(
        `sink ${this.#name} has ${this.#strangeCount} that nobody committed: ${this.#strange.join(', ')}`,
      );
    if (exactlyOnce && doubles > 0) violations.push(`sink ${this.#name} has ${doubles} doubles: ${twice.join(', ')}`);
    return { records: this.#records, doubles, violations };
  }
}
