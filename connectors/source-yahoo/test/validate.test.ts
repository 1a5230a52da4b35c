import { readFile } from 'node:fs/promises';
import { configErrors } from '@tributary/api/testing';
import { freePorts } from '@tributary/services';
import { american } from '@tributary/source-simulator/serve';
import t from 'tap';
import { yahooSource } from '../src/connector.ts';
import { fast, startYahoo } from './support/run.ts';

const errorsOf = (props: Record<string, string>) => configErrors(yahooSource, { topic: 'ticks', ...fast, ...props });

t.test('a config is checked before it runs', async (t) => {
  const yahoo = await startYahoo(t, [american('AAPL')], Date.now);
  const base = { symbols: 'AAPL', 'yahoo.base.url': yahoo.url };

  t.strictSame(await errorsOf(base), {});
  t.strictSame(await errorsOf({ ...base, symbols: 'AAPL,NONE' }), {}, 'one that is none does not stop the others');
  t.match(await errorsOf({ ...base, symbols: 'NONE' }), { symbols: [/Yahoo knows none of 'NONE'/] });
  t.match(await errorsOf({ ...base, symbols: 'NONE', mode: 'bars' }), { symbols: [/may be delisted/] });
  t.match(await errorsOf({ ...base, symbols: '' }), { symbols: [/There are no symbols/] });
  t.match(await errorsOf({ ...base, 'symbols.file': '/nowhere/symbols' }), {
    'symbols.file': [/The file '\/nowhere\/symbols' cannot be read/],
  });
  t.match(await errorsOf({ ...base, 'symbols.screener': 'nothing' }), { 'symbols.screener': [/No such screener/] });
  t.match(await errorsOf({ ...base, mode: 'bars', 'history.from': 'yesterday' }), {
    'history.from': [/Expected a date/],
  });
  const old = { mode: 'bars', 'history.from': '2020-01-01', 'history.limits': 'yahoo' };
  t.match(await errorsOf({ ...base, ...old }), {
    'history.from': [/Yahoo gives 1m bars of the last 30 days only\. Begin at \d{4}-\d\d-\d\d or later/],
  });
  t.strictSame(await errorsOf({ ...base, ...old, 'bars.interval': '1d' }), {});
  t.match(await errorsOf({ ...base, 'proxy.url': 'http://me:secret@proxy:1' }), {
    'proxy.url': [/go into 'proxy\.username'/],
  });
});

t.test('a server that cannot be reached is an error of its URL', async (t) => {
  const [port] = await freePorts(1);
  const errors = await errorsOf({ symbols: 'AAPL', 'yahoo.base.url': `http://127.0.0.1:${port}` });
  t.match(errors, { 'yahoo.base.url': [/Yahoo cannot be asked: .*ECONNREFUSED.*Check the URL, and 'proxy\.url'/] });
});

t.test('offsets can be altered and reset, and damaged ones are refused', async (t) => {
  const alter = (partition: object, offset: object | null): unknown =>
    yahooSource.alterOffsets?.({} as never, [[partition as never, offset as never]]);
  t.equal(alter({ symbol: 'AAPL', interval: '1m' }, { end: 1_772_548_200_000 }), true);
  t.equal(alter({ symbol: 'AAPL', interval: 'quote' }, { time: 1_772_548_200_000 }), true);
  t.equal(alter({}, null), true);
  t.throws(() => alter({ symbol: 'AAPL' }, { end: 1 }), { message: /'symbol' and 'interval'/ });
  t.throws(() => alter({ symbol: 'AAPL', interval: '1m' }, { end: 'x' }), { message: /'end' must be a time/ });
});

t.test('the examples are valid', async (t) => {
  const yahoo = await startYahoo(t, [american('AAPL')], Date.now);
  for (const name of ['yahoo-quotes', 'yahoo-bars']) {
    const file = new URL(`../../../examples/${name}.json`, import.meta.url);
    const { config } = JSON.parse(await readFile(file, 'utf8')) as { config: Record<string, string> };
    const { 'connector.class': className, ...keys } = config;
    t.ok(yahooSource.aliases?.includes(className!));
    t.ok(
      Object.keys(keys).every((key) => key in yahooSource.config),
      'all keys are known',
    );
    t.strictSame(await errorsOf({ ...keys, 'yahoo.base.url': yahoo.url }), {});
  }
});
