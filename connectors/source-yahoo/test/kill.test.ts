import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '@tributary/services';
import { american, barsBetween } from '@tributary/source-simulator/serve';
import t from 'tap';
import { workerProcess } from '../../../runtime/test/support/process.ts';
import { tempDir, until } from '../../../runtime/test/support/worker.ts';
import { startYahoo } from './support/run.ts';

const DAY = 86_400_000;
const SYMBOLS = 500;

interface Line {
  readonly symbol: string;
  readonly start: number;
  readonly final: boolean;
}

/** The records of a file sink: maps in Java's text. */
const linesOf = (file: string): readonly Line[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);

t.test(
  'a day of 1m bars of 500 symbols is in the topic once, with three kill -9 on the way',
  { timeout: 200_000 },
  async (t) => {
    const today = Math.floor(Date.now() / DAY);
    // The last day of trading that is over by the clocks of New York, within the 30 days.
    const apple = american('S0');
    let day = today - 2;
    while (barsBetween(apple, 1, day * DAY + 5 * 3_600_000, (day + 1) * DAY).length === 0) day--;
    const date = (one: number): string => new Date(one * DAY).toISOString().slice(0, 10);
    const listings = Array.from({ length: SYMBOLS }, (_, i) => american(`S${i}`));
    const yahoo = await startYahoo(t, listings, Date.now);
    const dir = tempDir(t);
    const out = join(dir, 'out.txt');
    const source = {
      name: 'bars',
      'connector.class': 'YahooSource',
      'tasks.max': '3',
      topic: 'bars',
      mode: 'bars',
      symbols: listings.map(({ symbol }) => symbol).join(),
      'history.from': date(day),
      'history.to': date(day + 1),
      'history.limits': 'yahoo',
      'rate.per.second': '200',
      'yahoo.base.url': yahoo.url,
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
      'value.converter.schemas.enable': 'false',
    };
    const sink = (name: string, file: string): Record<string, string> => ({
      name,
      'connector.class': 'FileStreamSink',
      topics: 'bars',
      file,
      'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
    });
    const props = {
      'bootstrap.servers': 'embedded:log',
      'offset.flush.interval.ms': '200',
      'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
      'log.level': 'warn',
    };
    const [port] = await freePorts(1);
    const size = (): number => (existsSync(out) ? statSync(out).size : 0);
    for (let kills = 1; kills <= 3; kills++) {
      const worker = await workerProcess(t, dir, port!, props, kills === 1 ? [source, sink('watch', out)] : []);
      const from = size();
      await until(() => size() > from + 3_000_000);
      await worker.kill();
    }
    const again = join(dir, 'again.txt');
    const last = await workerProcess(t, dir, port!, props, [sink('again', again)]);
    const count = SYMBOLS * 390;
    await until(() => existsSync(again) && linesOf(again).length >= count, 500);
    t.equal(await last.stop(), 0);
    const lines = linesOf(again);
    t.equal(lines.length, count, 'no double');
    const bySymbol = Map.groupBy(lines, ({ symbol }) => symbol);
    const expected = barsBetween(apple, 1, day * DAY + 5 * 3_600_000, (day + 1) * DAY).map(({ start }) => start);
    const wrong = listings.filter(
      ({ symbol }) => JSON.stringify(bySymbol.get(symbol)?.map(({ start }) => start)) !== JSON.stringify(expected),
    );
    t.strictSame(
      wrong.map(({ symbol }) => symbol),
      [],
      'no gap, and each in order',
    );
    t.ok(lines.every(({ final }) => final));
  },
);
