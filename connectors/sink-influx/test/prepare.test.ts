/** What is worked out of a batch before its turn is written when its turn comes, and reported then and not before. */
import type { SinkRecord } from '@tributary/api';
import { sinkRecords } from '@tributary/api/testing';
import t from 'tap';
import { InfluxStore } from '../src/store.ts';
import { double } from './support/double.ts';
import { settings } from './support/lines.ts';

const batch = (...values: readonly unknown[]): SinkRecord[] =>
  sinkRecords(values.map((x, i) => ({ topic: 'm', value: { x }, timestamp: i + 1 })));

async function store() {
  const server = await double(() => ({ status: 204 }));
  const made = settings({ 'influxdb.url': server.url, 'batch.size': '2', 'timestamp.precision': 'ms' });
  if (!('points' in made)) throw new Error(made.join('\n'));
  const refused: unknown[] = [];
  const refuse = (record: SinkRecord): void => void refused.push((record.value as { x: unknown }).x);
  return { server, store: new InfluxStore(made), refused, refuse };
}

t.test('a batch that was prepared is written as any other', async (t) => {
  const { server, store: influx, refused, refuse } = await store();
  const records = batch(1, Number.NaN, 2, 3);
  influx.prepare(records);
  t.same([server.writes.length, refused], [0, []], 'nothing is sent or reported before');
  await influx.write(records, refuse);
  t.same(server.writes.map(({ lines }) => lines.join('\n')).sort(), ['m x=1 1\nm x=2 3', 'm x=3 4']);
  t.same(refused, [Number.NaN]);
  await influx.write(records, refuse);
  t.equal(server.writes.length, 4, 'also when it comes again');
  await influx.close();
  await server[Symbol.asyncDispose]();
});

t.test('what was prepared does not get in the way of another batch', async (t) => {
  const { server, store: influx, refused, refuse } = await store();
  const records = batch(1, Number.NaN);
  influx.prepare(records);
  await influx.write(batch(5), refuse);
  await influx.write(records.slice(0, 1), refuse);
  t.same(
    server.writes.map(({ lines }) => lines.join('\n')),
    ['m x=5 1', 'm x=1 1'],
  );
  t.same(refused, []);
  await influx.close();
  await server[Symbol.asyncDispose]();
});
