/** A file of numbered lines that is copied to a topic, and on to another file. */
import { appendFileSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Props } from '@tributary/api';
import { isPlainObject } from '@tributary/api';
import type { Broker } from '../../src/broker/port.ts';
import { compacted, followTopic, topicValues } from './topic-log.ts';

const END = 'of a file that is copied, as long as lines are';
const lineOf = (n: number): string => `line ${n} ${END}`;
const WHOLE_LINE = new RegExp(`line (\\d+) ${END}\\n`, 'g');

/** What is known of a list of lines. */
export interface Tally {
  /** Numbers that are not there. */
  readonly missing: number;
  /** How many are there although they were before. */
  readonly repeated: number;
  /** Whether no line comes before one that stands in front of it in the file comes for the first time. */
  readonly ordered: boolean;
}

export class CopiedFile {
  #lines = 0;
  readonly input: string;
  readonly output: string;
  readonly topic: string;
  readonly #broker: Broker;

  constructor(broker: Broker, dir: string, topic: string) {
    this.#broker = broker;
    this.topic = topic;
    this.input = join(dir, `${topic}.txt`);
    this.output = join(dir, `${topic}.copy.txt`);
  }

  get lines(): number {
    return this.#lines;
  }

  /** Writes so many more lines to the file. */
  grow(lines: number): void {
    const more = Array.from({ length: lines }, (_none, n) => `${lineOf(this.#lines + n)}\n`);
    appendFileSync(this.input, more.join(''));
    this.#lines += lines;
  }

  /** To the topic, slowly enough to be stopped on the way. */
  source(more: Props = {}): Props {
    return {
      'connector.class': 'FileStreamSource',
      file: this.input,
      topic: this.topic,
      'batch.size': '100',
      ...more,
    };
  }

  sink(more: Props = {}): Props {
    return { 'connector.class': 'FileStreamSink', topics: this.topic, file: this.output, ...more };
  }

  /** Where the topic ends: as many lines were written, besides marks of transactions. */
  async end(): Promise<number> {
    return (await this.#broker.topics.endOffsets(this.topic).catch(() => []))[0]?.offset ?? 0;
  }

  get size(): number {
    return statSync(this.input).size;
  }

  /** How many bytes the sink has written. */
  get sunk(): number {
    return statSync(this.output, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** What is in the topic, in order. */
  inTopic(): Promise<readonly number[]> {
    return topicValues(this.#broker, this.topic).then((values) => values.map(numberOf));
  }

  /** What the sink has written, without the piece of a line at which it was killed. */
  inOutput(): readonly number[] {
    return [...readFileSync(this.output, 'utf8').matchAll(WHOLE_LINE)].map(([, n]) => Number(n));
  }

  /** How many lines the source has copied as it has stored it: its offset in a topic of offsets. */
  async stored(offsetsTopic: string): Promise<number> {
    const log = followTopic(this.#broker, offsetsTopic);
    await log.readToEnd();
    const mine = [...compacted(log.records).values()].findLast(({ key }) => key.includes(this.input));
    const value: unknown = JSON.parse(mine?.value ?? 'null');
    const position = isPlainObject(value) ? Number(value['position']) : 0;
    return readFileSync(this.input).subarray(0, position).toString().split('\n').length - 1;
  }

  tally(numbers: readonly number[]): Tally {
    const counts = new Uint8Array(this.lines);
    let next = 0;
    let ordered = true;
    for (const n of numbers) {
      counts[n]!++;
      if (n > next) ordered = false;
      next = Math.max(next, n + 1);
    }
    return {
      missing: counts.filter((count) => count === 0).length,
      repeated: numbers.length - counts.filter((count) => count > 0).length,
      ordered,
    };
  }
}

/** @throws Error if it is none of the lines */
function numberOf(line: string): number {
  const n = Number(/^line (\d+) /.exec(line)?.[1] ?? Number.NaN);
  if (line !== lineOf(n)) throw new Error(`No line of the file: ${line.slice(0, 100)}`);
  return n;
}
