import type { Broker, RecordToSend } from '../../../runtime/src/broker/port.ts';

/** Partitions of every topic of ticks. */
export const PARTITIONS = 4;

/** The columns of a table of ticks. */
export const COLUMNS = [
  'symbol',
  'event_time',
  'sequence',
  'price',
  'size',
  'bid',
  'ask',
  'exchange',
  'event_time_us',
] as const;

/** Ticks a second in the topics that are there before a run; it tells their event times only. */
const TICKS_PER_SECOND = 17_000;
const MICROS_PER_TICK = Math.floor(1e6 / TICKS_PER_SECOND);
/** The event time of the first of them, microseconds. */
export const FIRST_EVENT = 1_780_000_000_000_000;
const FILL_BATCH = 2_000;
const FILLS_AT_ONCE = 4;

/** The symbol of a partition whose rows are looked for in the store. */
export const probeSymbol = (partition: number): string => `PROBE${partition}`;

export const PROBES: readonly string[] = Array.from({ length: PARTITIONS }, (_, partition) => probeSymbol(partition));

/** A tick as the JsonConverter writes that of a market source, without schemas. */
export function tickRecord(topic: string, partition: number, symbol: string, eventMicros: number, sequence: number) {
  const cents = 10_000 + ((sequence * 7) % 5_000);
  const value = JSON.stringify({
    symbol,
    price: cents / 100,
    size: 1 + (sequence % 900),
    price_text: null,
    size_text: null,
    bid: (cents - 1) / 100,
    ask: (cents + 1) / 100,
    exchange: `SIM${partition}`,
    event_time: Math.floor(eventMicros / 1000),
    event_time_us: eventMicros,
    sequence,
  });
  return {
    topic,
    partition,
    key: Buffer.from(symbol),
    value: Buffer.from(value),
    timestamp: Math.floor(eventMicros / 1000),
    headers: [],
  } satisfies RecordToSend;
}

/** The symbol of tick `index`: each as often, in an order that looks like none. */
export function symbolOf(index: number, symbols: number): { readonly symbol: string; readonly partition: number } {
  const number = Math.imul(index, 0x9e3779b1) >>> 0;
  const chosen = number % symbols;
  return { symbol: `SYM${String(chosen).padStart(4, '0')}`, partition: chosen % PARTITIONS };
}

/** Fills a new topic with ticks. The first and the last of each partition are of its probe symbol. */
export async function fillWithTicks(broker: Broker, topic: string, records: number, symbols: number): Promise<void> {
  const { topics } = broker;
  // Their event times are of the past.
  const configs = { 'retention.ms': '-1' };
  await topics.create({ name: topic, partitions: PARTITIONS, replicationFactor: 1, configs });
  const producer = await broker.producer({ clientId: 'bench' });
  const at = (index: number): RecordToSend => {
    const eventMicros = FIRST_EVENT + index * MICROS_PER_TICK;
    const fromEnd = records - 1 - index;
    const edge = index < PARTITIONS ? index : fromEnd < PARTITIONS ? fromEnd : null;
    const { symbol, partition } =
      edge === null ? symbolOf(index, symbols) : { symbol: probeSymbol(edge), partition: edge };
    return tickRecord(topic, partition, symbol, eventMicros, index);
  };
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < records - PARTITIONS) {
      const from = next;
      next = Math.min(records - PARTITIONS, from + FILL_BATCH);
      await producer.send(Array.from({ length: next - from }, (_, i) => at(from + i)));
    }
  };
  await producer.send(Array.from({ length: PARTITIONS }, () => at(next++)));
  await Promise.all(Array.from({ length: FILLS_AT_ONCE }, lane));
  await producer.send(Array.from({ length: PARTITIONS }, () => at(next++)));
  await producer.close();
}
