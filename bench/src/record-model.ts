/**
 * What a timestamp inside a record costs as a Date and as a number of milliseconds: the figures behind docs/decisions.md.
 * node --expose-gc --conditions=tributary-source bench/src/record-model.ts
 */
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { Schema } from '@tributary/api';

const ROUNDS = 25;
const REPEAT = 100;
const BATCH = 1000;

const schemaWith = (time: Schema): Schema =>
  Schema.struct({
    symbol: Schema.string(),
    price: Schema.float64(),
    size: Schema.float64(),
    bid: Schema.float64(),
    ask: Schema.float64(),
    exchange: Schema.string(),
    event_time: time,
    event_time_us: Schema.int64(),
    sequence: Schema.int64(),
    condition: Schema.string({ optional: true }),
  });

type Row = Record<string, unknown>;

interface Model {
  readonly name: string;
  readonly schema: Schema;
  readonly create: (i: number) => Row;
}

const START = 1_700_000_000_000;
const MODELS: readonly Model[] = [
  {
    name: 'Date',
    schema: schemaWith(Schema.timestamp()),
    create: (i) => ({
      symbol: 'AAPL',
      price: 100 + i / 7,
      size: i,
      bid: 99 + i / 7,
      ask: 101 + i / 7,
      exchange: 'XNAS',
      event_time: new Date(START + i),
      event_time_us: (START + i) * 1000,
      sequence: i,
      condition: null,
    }),
  },
  {
    name: 'number',
    schema: schemaWith(Schema.timestamp()),
    create: (i) => ({
      symbol: 'AAPL',
      price: 100 + i / 7,
      size: i,
      bid: 99 + i / 7,
      ask: 101 + i / 7,
      exchange: 'XNAS',
      event_time: START + i,
      event_time_us: (START + i) * 1000,
      sequence: i,
      condition: null,
    }),
  },
];

/** JSON of a flat struct, driven by its schema as a converter does it. */
function encode(schema: Schema, row: Row): string {
  let json = '{';
  for (const { name, schema: own } of schema.fields) {
    const value = row[name];
    if (json.length > 1) json += ',';
    json += `"${name}":`;
    if (value === null) json += 'null';
    else if (own.type === 'string') json += JSON.stringify(value);
    else if (value instanceof Date) json += value.getTime();
    else json += value as number;
  }
  return `${json}}`;
}

const { port1, port2 } = new MessageChannel();
port1.unref();

const kept: { last: unknown } = { last: null };
const STAGES: Record<string, (model: Model, rows: readonly Row[]) => void> = {
  'create a tick of 10 fields': ({ create }) => {
    const rows: Row[] = [];
    for (let i = 0; i < BATCH; i++) rows.push(create(i));
    kept.last = rows;
  },
  'a transform that adds a field': (_model, rows) => {
    kept.last = rows.map((row) => ({ ...row, source: 'bench' }));
  },
  'a transform that reads the timestamp': (_model, rows) => {
    let sum = 0;
    for (const { event_time: time } of rows) sum += time instanceof Date ? time.getTime() : (time as number);
    kept.last = sum;
  },
  'encode as JSON': ({ schema }, rows) => {
    let length = 0;
    for (const row of rows) length += encode(schema, row).length;
    kept.last = length;
  },
  'structuredClone of a batch': (_model, rows) => {
    kept.last = structuredClone(rows);
  },
  'postMessage of a batch, and receive': (_model, rows) => {
    port1.postMessage(rows);
    kept.last = receiveMessageOnPort(port2)?.message;
  },
};

/** The best round of each model. The models take turns, so that neither has the warmer code or the quieter machine. */
function nanoseconds(stage: (model: Model, rows: readonly Row[]) => void): number[] {
  const rows = MODELS.map((model) => Array.from({ length: BATCH }, (_, i) => model.create(i)));
  const best = MODELS.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < ROUNDS; round++) {
    MODELS.forEach((model, m) => {
      const from = process.hrtime.bigint();
      for (let i = 0; i < REPEAT; i++) stage(model, rows[m]!);
      best[m] = Math.min(best[m]!, Number(process.hrtime.bigint() - from) / (REPEAT * BATCH));
    });
  }
  return best;
}

function retainedBytes({ create }: Model): number {
  const count = 200_000;
  const rows = new Array<Row>(count);
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < count; i++) rows[i] = create(i);
  globalThis.gc?.();
  return (process.memoryUsage().heapUsed - before) / rows.length;
}

const line = (name: string, figures: readonly string[]): void =>
  console.log([name.padEnd(38), ...figures.map((figure) => figure.padStart(12))].join(' '));

line(
  'best round, per record',
  MODELS.map(({ name }) => name),
);
for (const [name, stage] of Object.entries(STAGES))
  line(
    name,
    nanoseconds(stage).map((figure) => `${figure.toFixed(0)} ns`),
  );
line(
  'memory of a tick',
  MODELS.map((model) => `${retainedBytes(model).toFixed(0)} bytes`),
);
port1.close();
