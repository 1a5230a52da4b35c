/** A sink that keeps its offsets in one transaction with its rows: each record once, however often its worker is killed. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Props } from '@tributary/api';
import { freePorts, sharedKafka, skipUnlessAvailable } from '@tributary/services';
import t, { type Test } from 'tap';
import { workerProcess } from '../support/process.ts';
import { groupOf, tempDir, until } from '../support/worker.ts';

const LINES = 60_000;
const KILLS = 4;
const SEED = Number(process.env['TRIBUTARY_SEED'] ?? 7);

/** Nothing in its tables keeps a record from coming twice but the offsets. */
const LEDGER = `
import { DatabaseSync } from 'node:sqlite';
import { defineSink, string } from '@tributary/api';
export default defineSink({
  class: 'example.LedgerSink',
  version: '1.0.0',
  config: { file: string({ doc: 'Where the database is.' }) },
  start({ file }, context) {
    const db = new DatabaseSync(file, { timeout: 20_000 });
    db.exec('PRAGMA journal_mode = WAL;' +
      'CREATE TABLE IF NOT EXISTS ledger (n INTEGER);' +
      'CREATE TABLE IF NOT EXISTS offsets (place TEXT PRIMARY KEY, next INTEGER);');
    const insert = db.prepare('INSERT INTO ledger VALUES (?)');
    const read = db.prepare('SELECT next FROM offsets WHERE place = ?');
    const write = db.prepare('INSERT OR REPLACE INTO offsets VALUES (?, ?)');
    const placeOf = (topic, partition) => topic + '-' + partition;
    return {
      open(partitions) {
        context.seek(partitions.flatMap(({ topic, partition }) => {
          const stored = read.get(placeOf(topic, partition));
          return stored ? [{ topic, partition, offset: stored.next }] : [];
        }));
      },
      put(records) {
        db.exec('BEGIN IMMEDIATE');
        try {
          const next = new Map();
          for (const { originalTopic, originalPartition, originalOffset, value } of records) {
            const place = placeOf(originalTopic, originalPartition);
            if (!next.has(place)) next.set(place, read.get(place)?.next ?? 0);
            if (originalOffset < next.get(place)) continue;
            insert.run(Number(value));
            next.set(place, originalOffset + 1);
          }
          for (const [place, offset] of next) write.run(place, offset);
          db.exec('COMMIT');
        } catch (error) {
          db.exec('ROLLBACK');
          throw error;
        }
      },
      stop: () => db.close(),
    };
  },
});`;

/** Numbers from 0 to 1, the same for the same seed. */
function* chances(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

async function killedAgainAndAgain(t: Test, props: Props, topic: string): Promise<void> {
  t.comment(`seed ${SEED}`);
  const dir = tempDir(t);
  mkdirSync(join(dir, 'plugins'));
  writeFileSync(join(dir, 'plugins', 'ledger.js'), LEDGER);
  const [input, file] = [join(dir, 'in.txt'), join(dir, 'ledger.db')];
  writeFileSync(input, Array.from({ length: LINES }, (_none, n) => `${n}\n`).join(''));
  const ledger = new DatabaseSync(file, { timeout: 20_000 });
  t.teardown(() => ledger.close());
  const count = (): number => {
    const known = ledger.prepare("SELECT 1 FROM sqlite_master WHERE name = 'ledger'").get();
    return known ? Number(ledger.prepare('SELECT COUNT(*) AS count FROM ledger').get()!['count']) : 0;
  };
  const [port] = await freePorts(1);
  const STRING = 'org.apache.kafka.connect.storage.StringConverter';
  const all = {
    'key.converter': STRING,
    'value.converter': STRING,
    'plugin.path': join(dir, 'plugins'),
    // So seldom that the group's offsets are far behind those of the ledger.
    'offset.flush.interval.ms': '2000',
    ...props,
  };
  const connectors: Props[] = [
    { name: `${topic}-src`, 'connector.class': 'FileStreamSource', file: input, topic, 'batch.size': '200' },
    {
      name: `${topic}-snk`,
      'connector.class': 'LedgerSink',
      file,
      topics: topic,
      'consumer.override.max.poll.records': '100',
    },
  ];
  const chance = chances(SEED);
  for (let kills = 0; kills < KILLS; kills++) {
    const worker = await workerProcess(t, dir, port!, all, kills === 0 ? connectors : []);
    const before = count();
    const target = before + (chance.next().value * (LINES - before)) / (KILLS - kills + 1);
    await until(() => count() >= target);
    await worker.kill();
  }
  const worker = await workerProcess(t, dir, port!, all);
  await until(() => count() >= LINES);
  t.equal(await worker.stop(), 0);
  t.equal(count(), LINES);
  t.equal(ledger.prepare('SELECT COUNT(DISTINCT n) AS count FROM ledger').get()!['count'], LINES, 'each record once');
  t.equal(
    ledger.prepare('SELECT COUNT(*) AS count FROM ledger WHERE n <> rowid - 1').get()!['count'],
    0,
    'and in order',
  );
}

t.test('on the embedded log', { timeout: 280_000 }, async (t) => {
  await killedAgainAndAgain(t, { 'bootstrap.servers': 'embedded:log' }, 'lines');
});

t.test('on Kafka', { skip: await skipUnlessAvailable('kafka'), timeout: 280_000 }, async (t) => {
  const group = `ledger-${process.pid}-${Date.now()}`;
  const bootstrap = await sharedKafka();
  await killedAgainAndAgain(
    t,
    { 'bootstrap.servers': bootstrap, ...groupOf(group), 'exactly.once.source.support': 'enabled' },
    group,
  );
});
