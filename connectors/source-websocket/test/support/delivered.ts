/** What of a feed is in Kafka. */
import { messageOf } from '@tributary/api';
import type { Test } from 'tap';
import { openKafka } from '../../../../runtime/src/broker/kafka/index.ts';
import type { Broker, RecordRead } from '../../../../runtime/src/broker/port.ts';
import { upTo } from './pulled.ts';

interface ToldGap {
  readonly from: number;
  readonly to: number;
  readonly recovered: boolean;
  readonly reason: string;
}

/** A connector's topic of ticks, and that of its gaps, as a consumer of committed records sees them. */
export class Delivered {
  readonly #ticks = new Map<string, number[]>();
  readonly #gaps = new Map<string, ToldGap[]>();
  readonly #closing: ReadonlyArray<() => Promise<void>>;
  failure: string | null = null;

  private constructor(broker: Broker, topic: string) {
    const follow = (name: string, take: (record: RecordRead) => void): (() => Promise<void>) => {
      const reader = broker.reader({
        clientId: 'test',
        topic: name,
        onRecords: (records) => records.forEach(take),
        onError: (error) => {
          this.failure = messageOf(error);
        },
      });
      return () => reader.close();
    };
    this.#closing = [
      follow(topic, (record) => addTo(this.#ticks, record, jsonOf<{ sequence: number }>(record).sequence)),
      follow(`${topic}-gaps`, (record) => addTo(this.#gaps, record, jsonOf<ToldGap>(record))),
    ];
  }

  /** Makes the topics, since they are looked at before there is anything in them. */
  static async follow(t: Test, bootstrap: string, topic: string): Promise<Delivered> {
    const broker = await openKafka({ configs: { 'bootstrap.servers': bootstrap }, clientId: 'test' });
    t.teardown(() => broker.close());
    for (const name of [topic, `${topic}-gaps`])
      await broker.topics.create({
        name,
        partitions: 3,
        replicationFactor: 1,
        // The trades of the feed are of a day in the past.
        configs: { 'retention.ms': '-1' },
      });
    const delivered = new Delivered(broker, topic);
    t.teardown(async () => {
      for (const close of delivered.#closing) await close();
    });
    return delivered;
  }

  /** How many ticks there are. */
  get count(): number {
    return [...this.#ticks.values()].reduce((sum, { length }) => sum + length, 0);
  }

  /** The numbers of a symbol's ticks, in the order of the topic. */
  numbers(symbol: string): readonly number[] {
    return this.#ticks.get(symbol) ?? [];
  }

  gaps(symbol: string): readonly ToldGap[] {
    return this.#gaps.get(symbol) ?? [];
  }

  /** The numbers that were told to be missing. */
  missing(symbol: string): readonly number[] {
    return this.gaps(symbol)
      .filter(({ recovered }) => !recovered)
      .flatMap(({ from, to }) => upTo(to - from + 1, from));
  }
}

const jsonOf = <T>({ value }: RecordRead): T => JSON.parse(Buffer.from(value!).toString()) as T;

function addTo<T>(map: Map<string, T[]>, { key }: RecordRead, one: T): void {
  const symbol = Buffer.from(key!).toString();
  const all = map.get(symbol);
  if (all) all.push(one);
  else map.set(symbol, [one]);
}
