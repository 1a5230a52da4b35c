import type { SinkRecord } from '@tributary/api';
import { runSink, type SinkRecordInput } from '@tributary/api/testing';
import { sharedInfluxdb, skipUnlessAvailable } from '@tributary/services';
import influxSink from '@tributary/sink-influx';
import fc from 'fast-check';
import t from 'tap';
import { type Bucket, newBucket } from './support/bucket.ts';

/**
 * Text made by chance, written to a real InfluxDB and read back from it. `TRIBUTARY_SEED=random TRIBUTARY_CASES=20000` looks further than
 * every run does; the seed is printed.
 */
const skip = await skipUnlessAvailable('influxdb');
const seed =
  process.env['TRIBUTARY_SEED'] === 'random' ? Date.now() % 2 ** 31 : Number(process.env['TRIBUTARY_SEED'] ?? 20_261);
const cases = Number(process.env['TRIBUTARY_CASES'] ?? 3000);
t.comment(`seed ${seed}, ${cases} cases`);

const NOW = 1_700_000_000_000;

const character = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(' ', ',', '=', '"', 'a', 'é', '😀') },
  { weight: 5, arbitrary: fc.constant('\\') },
  {
    weight: 2,
    arbitrary: fc.constantFrom('\n', '\r', '\t', '\0', '#', '_', "'", '\u2028', '\u007f', '\ufeff', '\uffff', '\\\\'),
  },
  { weight: 1, arbitrary: fc.constantFrom('\ud800', '\udc00') },
  { weight: 6, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
);
const text = fc.string({ unit: character, minLength: 1, maxLength: 6 });
const texts = fc.record({
  measurement: text,
  tag: text,
  field: text,
  // Not empty: InfluxDB 2.7 gives some of the values behind an empty one to the wrong times when it reads more than 1,000.
  value: fc.string({ unit: character, minLength: 1, maxLength: 20 }),
});

/** Whether a part of the record holds anything that some place of a line cannot carry. */
const isDoubtful = (parts: Texts): boolean =>
  Object.values(parts).some((part) => /[\\\n]|^[\t\0#]/.test(part) || !part.isWellFormed()) || parts.field === 'time';

interface Texts {
  readonly measurement: string;
  readonly tag: string;
  readonly field: string;
  readonly value: string;
}

const recordOf = ({ measurement, tag, field, value }: Texts, i: number): SinkRecordInput => ({
  topic: 'm',
  timestamp: NOW + i,
  value: { measurement, tag, names: { [field]: 1 }, text: value },
});

/** What was stored at each time, byte for byte: Flux's CSV would change the ends of lines. */
async function stored(bucket: Bucket): Promise<ReadonlyMap<number, Texts>> {
  const hex = (column: string): string => `hex.string(v: bytes(v: r.${column}))`;
  const rows = await bucket.rows(`import "contrib/bonitoo-io/hex"
    all = from(bucket: "${bucket.name}") |> range(start: 2023-01-01T00:00:00Z)
    names = all |> filter(fn: (r) => r.kind == "name")
      |> map(fn: (r) => ({_time: r._time, measurement: ${hex('_measurement')}, tag: ${hex('tag')}, field: ${hex('_field')}}))
    texts = all |> filter(fn: (r) => r.kind == "text") |> map(fn: (r) => ({_time: r._time, value: ${hex('_value')}}))
    names |> group() |> yield(name: "names")
    texts |> group() |> yield(name: "texts")`);
  const found = new Map<number, Record<string, string>>();
  for (const { _time, ...columns } of rows) {
    const at = Date.parse(_time as string) - NOW;
    const parts = found.get(at) ?? {};
    for (const [name, value] of Object.entries(columns)) parts[name] = Buffer.from(value as string, 'hex').toString();
    found.set(at, parts);
  }
  return found as ReadonlyMap<number, Record<string, string>> as unknown as ReadonlyMap<number, Texts>;
}

async function writeAll(bucket: Bucket, records: readonly SinkRecordInput[], props: Readonly<Record<string, string>>) {
  const base = { ...bucket.props, topics: 'm', ...props };
  const errant = new Map<number, string>();
  const take = (found: ReadonlyArray<{ record: SinkRecord; error: unknown }>): void => {
    for (const { record, error } of found) errant.set(record.timestamp! - NOW, (error as Error).message);
  };
  // Names and text go by themselves, so that they are told apart when they are read: a field of any name is a number there, and text here.
  const names = await runSink(influxSink, {
    ...base,
    tags: 'value.tag,header.kind',
    fields: 'value.names.*',
    'measurement.name.format': '${value.measurement}',
  });
  const kind = (value: string) => [{ key: 'kind', value, schema: null }];
  await names.put(records.map((record) => ({ ...record, headers: kind('name') })));
  await names.close();
  take(names.errant);
  const texts = await runSink(influxSink, { ...base, tags: 'header.kind', fields: 'value.text' });
  await texts.put(records.map((record) => ({ ...record, headers: kind('text') })));
  await texts.close();
  take(texts.errant);
  return errant;
}

t.test(
  'text of any kind comes back as it was, or was refused for what it holds, and its neighbours are untouched',
  { skip },
  async (t) => {
    const bucket = await newBucket(await sharedInfluxdb());
    const samples: Texts[] = fc.sample(texts, { numRuns: cases, seed });
    const errant = await writeAll(bucket, samples.map(recordOf), {});
    const found = await stored(bucket);
    let whole = 0;
    samples.forEach((parts, i) => {
      if (errant.has(i)) {
        if (!isDoubtful(parts)) t.fail(`refused without reason: ${errant.get(i)}`, { parts });
        if (/^InfluxDB refused/.test(errant.get(i)!))
          t.fail(`only InfluxDB saw what is wrong: ${errant.get(i)}`, { parts });
        return;
      }
      whole++;
      const { measurement, tag, field, value } = found.get(i) ?? {};
      const back = { measurement, tag, field, value };
      if (JSON.stringify(back) !== JSON.stringify(parts))
        t.fail(`case ${i} comes back as another one`, { parts, back });
    });
    t.ok(whole > cases / 5, `${whole} of ${cases} could be written`);
  },
);

t.test('with unwritable.characters=replace everything is stored', { skip }, async (t) => {
  const bucket = await newBucket(await sharedInfluxdb());
  const samples: Texts[] = fc.sample(texts, { numRuns: cases, seed }).filter(({ field }) => field !== 'time');
  const errant = await writeAll(bucket, samples.map(recordOf), { 'unwritable.characters': 'replace' });
  for (const [i, message] of errant)
    t.match(message, /A backslash before a space/, 'the one thing that no replacement mends', { parts: samples[i] });
  const found = await stored(bucket);
  const missing = samples.flatMap((parts, i) => (found.has(i) || errant.has(i) ? [] : [parts]));
  t.strictSame(missing, []);
});
