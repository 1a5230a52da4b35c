import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { configErrors, connectorTasks } from '@tributary/api/testing';
import { tickSchema } from '@tributary/market';
import type { Protocol } from '@tributary/source-simulator/serve';
import webSocketSource from '@tributary/source-websocket';
import t, { type Test } from 'tap';
import manifest from '../package.json' with { type: 'json' };
import { gapsOf, numbers, serve, start, subscribed, ticksOf } from './support/pulled.ts';
import { until } from './support/until.ts';

/** A feed that nobody has a preset for. */
const odd: Protocol = {
  answer(client, message) {
    if (message.op !== 'sub') return;
    client.symbols.add(message.s as string);
    client.send({ type: 'subscribed', s: message.s });
  },
  frames: (trades) => [
    {
      type: 'data',
      rows: trades.map(({ symbol, sequence, price, time }) => ({
        s: symbol,
        n: sequence,
        p: price,
        at: time,
        big: 12345,
      })),
    },
  ],
  heartbeat: () => ({ type: 'hb' }),
};

const generic = {
  symbols: 'abc,def',
  'subscribe.messages': '{"op":"sub","s":"${symbol|upper}"}',
  'subscribe.ack': 'type=subscribed',
  'records.path': 'rows',
  'records.key': 's',
  'records.timestamp': 'at',
  'records.sequence': 'n',
};

function folder(t: Test): string {
  const dir = mkdtempSync(join(tmpdir(), 'preset-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

t.test('the package lists the connector as the connector describes itself', async (t) => {
  const { class: className, aliases, version, kind } = webSocketSource;
  t.strictSame(manifest.tributary.plugins, [
    { kind, class: className, aliases, version, module: '.', export: 'default' },
  ]);
});

t.test('any feed can be described by the config', async (t) => {
  const server = await serve(t, odd);
  const run = await start(t, { ...generic, 'websocket.url': server.url });
  await subscribed(server, 2);
  server.trade('ABC', 2);
  server.make('ABC', 1);
  server.trade('ABC', 1);
  server.trade('DEF', 1);
  await run.until((records) => records.length >= 5);
  t.strictSame(server.received, [
    { op: 'sub', s: 'ABC' },
    { op: 'sub', s: 'DEF' },
  ]);
  const first = run.records.find((record) => record.key === 'ABC')!;
  t.strictSame(first.value, { s: 'ABC', n: 1, p: '101.010', at: first.timestamp, big: 12345 });
  t.equal(first.valueSchema, null);
  t.match(gapsOf(run.records), [{ symbol: 'ABC', from: 3, to: 3 }]);
});

t.test('records are chosen by conditions, and the exact digits are kept as text', async (t) => {
  const server = await serve(t, odd);
  const run = await start(t, {
    topic: 'ticks',
    'websocket.url': server.url,
    'records.path': 'rows[*]',
    'records.filter': 'kind=trade|quote, p!=0',
    'records.decimals': 'text',
    'records.id': 'i',
  });
  await until('it is there', () => server.clients.size === 1);
  server.broadcast(
    '{"rows":[{"kind":"bar","p":1},{"kind":"trade","p":1.10,"i":9007199254740993},{"kind":"quote","p":0}]}',
  );
  server.broadcast('{"rows":[{"kind":"trade","p":1.10,"i":9007199254740993}]}');
  server.broadcast('{"rows":[{"kind":"quote","p":2.50,"i":1}]}');
  await run.until((records) => records.length >= 2);
  t.strictSame(
    run.records.map((record) => record.value),
    [
      { kind: 'trade', p: '1.10', i: 9007199254740993n },
      { kind: 'quote', p: '2.50', i: 1 },
    ],
  );
});

t.test('records may be arrays, and what is the same for all of them stand beside them in the message', async (t) => {
  const server = await serve(t, odd);
  const run = await start(t, {
    topic: 'ticks',
    'websocket.url': server.url,
    'records.path': '[1]',
    'records.filter': '$[2]=trade',
    'records.key': '$[3]',
    'records.timestamp': '[2]',
  });
  const one = await start(t, {
    topic: 'ticks',
    'websocket.url': server.url,
    'records.path': '[2]',
    'records.filter': '$[1]=te',
    'records.id': '[0]',
  });
  await until('both are there', () => server.clients.size === 2);
  server.broadcast('[0,[["5541.2","0.15",1534614057.321],["6060.0","0.02",1534614057.324]],"trade","XBT/USD"]');
  server.broadcast('[0,[["1","2",3]],"spread","XBT/USD"]');
  server.broadcast('[17470,"te",[401597395,1574694478808,0.005,7245.3]]');
  server.broadcast('[17470,"tu",[401597395,1574694478808,0.005,7245.3]]');
  server.broadcast('[17470,"hb"]');
  await run.until((records) => records.length >= 2);
  await one.until((records) => records.length >= 1);
  t.match(run.records, [
    { key: 'XBT/USD', value: ['5541.2', '0.15', 1534614057.321], timestamp: 1534614057321 },
    { key: 'XBT/USD', value: ['6060.0', '0.02', 1534614057.324] },
  ]);
  t.strictSame(
    one.records.map((record) => record.value),
    [[401597395, 1574694478808, 0.005, 7245.3]],
  );
});

t.test('messages can be passed on as they came, text and binary', async (t) => {
  const server = await serve(t, odd);
  const text = await start(t, { topic: 'ticks', 'websocket.url': server.url, 'records.format': 'text' });
  const bytes = await start(t, { topic: 'ticks', 'websocket.url': server.url, 'records.format': 'bytes' });
  await until('both are there', () => server.clients.size === 2);
  server.broadcast('grüße');
  server.broadcast(Buffer.from([1, 2, 255]));
  await text.until((records) => records.length >= 1);
  await bytes.until((records) => records.length >= 2);
  t.equal(text.records[0]!.value, 'grüße');
  t.strictSame(bytes.records[1]!.value, Buffer.from([1, 2, 255]));
});

t.test('several URLs, and a URL for each symbol, are spread over the tasks', async (t) => {
  const tasks = async (props: Record<string, string>, max: number) =>
    (await connectorTasks(webSocketSource, { topic: 'x', ...props }, max)).map(
      (task) => JSON.parse(task['task.connections']!) as unknown,
    );
  t.strictSame(await tasks({ 'websocket.url': 'ws://a,ws://b,ws://c' }, 2), [
    [
      { symbols: [], url: 0 },
      { symbols: [], url: 2 },
    ],
    [{ symbols: [], url: 1 }],
  ]);
  t.strictSame(await tasks({ 'websocket.url': 'ws://a/${symbol}', symbols: 'x,y' }, 1), [
    [
      { symbols: ['x'], url: 0 },
      { symbols: ['y'], url: 0 },
    ],
  ]);
  t.strictSame(await tasks({ preset: 'binance', symbols: 'A,B,C' }, 2), [
    [{ symbols: ['A', 'C'], url: 0 }],
    [{ symbols: ['B'], url: 0 }],
  ]);
  t.equal(
    (await tasks({ preset: 'finnhub', 'api.key': 'k', symbols: 'A,B,C' }, 5)).length,
    1,
    'one connection for a key',
  );
});

t.test('a task connects to its own symbols only', async (t) => {
  const server = await serve(t, odd);
  const run = await start(t, { ...generic, 'websocket.url': server.url, 'tasks.max': '2' }, undefined, 1);
  await subscribed(server, 1);
  server.trade('ABC', 1);
  server.trade('DEF', 1);
  await run.until((records) => records.length >= 1);
  t.strictSame(
    run.records.map((record) => record.key),
    ['DEF'],
  );
});

t.test('a preset of your own is a small JSON file', async (t) => {
  const server = await serve(t, odd);
  const file = join(folder(t), 'odd.json');
  writeFileSync(
    file,
    JSON.stringify({
      name: 'odd',
      urls: [server.url],
      subscribe: ['{"op":"sub","s":"${symbol}","key":"${api.key}"}'],
      acknowledged: 'type=subscribed',
      contiguous: true,
      needs: ['api.key'],
      records: { path: 'rows', sequence: 'n', timestamp: 'at', tick: { symbol: 's', price: 'p', exchange: "'ODD'" } },
    }),
  );
  const run = await start(t, { preset: file, symbols: 'ABC', 'api.key': 'k' });
  await subscribed(server);
  server.trade('ABC', 2);
  await run.until((records) => records.length >= 2);
  const [tick] = ticksOf(run.records);
  t.equal(run.records[0]!.valueSchema, tickSchema);
  t.match(tick, { symbol: 'ABC', price: 101.01, price_text: '101.010', exchange: 'ODD', sequence: 1 });
  t.strictSame(numbers(run.records), [1, 2]);
  t.match(await configErrors(webSocketSource, { topic: 'x', preset: file, symbols: 'ABC' }), {
    'api.key': [/needs 'api.key'/],
  });
});

t.test('a module can make ticks with what this package has for it, wherever it is', async (t) => {
  const server = await serve(t, odd);
  const file = join(folder(t), 'odd.mjs');
  writeFileSync(
    file,
    `import { sideOf, TICK_SCHEMAS, tradeItem } from '@tributary/source-websocket';
    export default {
      name: 'odd',
      open: () => ({
        name: 'odd',
        ...TICK_SCHEMAS,
        symbolsPerConnection: 10,
        contiguous: true,
        urls: () => ['${server.url}'],
        stages: (symbols) => [{ name: 'subscribe', send: symbols.map((s) => JSON.stringify({ op: 'sub', s })), expects: 1 }],
        read(data, binary, output) {
          const message = JSON.parse(data.toString());
          if (message.type === 'subscribed') output.acknowledged('subscribe', 1);
          for (const { s, n, p, at } of message.rows ?? [])
            output.item(tradeItem({ symbol: s, price: p, size: '1.0', side: sideOf('BUY'), time: at * 1000, sequence: n, exchange: 'ODD' }));
        },
      }),
    };`,
  );
  const run = await start(t, { preset: file, symbols: 'ABC' });
  await subscribed(server);
  server.trade('ABC', 1);
  await run.until((records) => records.length >= 1);
  t.equal(run.records[0]!.valueSchema, tickSchema);
  t.match(ticksOf(run.records)[0], { price_text: '101.010', size: 1, side: 'buy', exchange: 'ODD' });
});

t.test('a preset of your own can be a module', async (t) => {
  const server = await serve(t, odd);
  const file = join(folder(t), 'odd.mjs');
  writeFileSync(
    file,
    `export default {
      name: 'odd',
      open: () => ({
        name: 'odd',
        symbolsPerConnection: 10,
        contiguous: false,
        urls: () => ['${server.url}'],
        stages: (symbols) => [{ name: 'subscribe', send: symbols.map((s) => JSON.stringify({ op: 'sub', s })), expects: 1 }],
        read(data, binary, output) {
          const message = JSON.parse(data.toString());
          if (message.type === 'subscribed') output.acknowledged('subscribe', 1);
          for (const { s, n } of message.rows ?? [])
            output.item({ symbol: s, key: s, value: n, time: null, sequence: null, id: String(n) });
        },
      }),
    };`,
  );
  const run = await start(t, { preset: file, symbols: 'ABC' });
  await subscribed(server);
  server.trade('ABC', 2);
  await run.until((records) => records.length >= 2);
  t.strictSame(
    run.records.map((record) => record.value),
    [1, 2],
  );
});

t.test('what is wrong with a config is said with the key, the value and the remedy', async (t) => {
  const errors = (props: Record<string, string>) => configErrors(webSocketSource, { topic: 'x', ...props });
  t.strictSame(await errors({ preset: 'binance', symbols: 'BTCUSDT' }), {}, 'three lines are enough');
  t.match(await errors({}), { 'websocket.url': [/nothing to connect to/] });
  t.match(await errors({ 'websocket.url': 'http://a' }), {
    'websocket.url': [/Invalid value http:\/\/a .*expected URLs such as wss/],
  });
  t.match(await errors({ preset: 'binanse', symbols: 'A' }), {
    preset: [/there are binance, coinbase, .*of your own is named by its file/],
  });
  t.match(await errors({ preset: './none.json', symbols: 'A' }), { preset: [/none\.json .*ENOENT/] });
  t.match(await errors({ preset: 'binance', symbols: 'btc/usdt' }), {
    symbols: [/Invalid symbol btc\/usdt .* look like BTCUSDT/],
  });
  t.match(await errors({ preset: 'binance' }), { symbols: [/needs symbols/] });
  t.match(await errors({ preset: 'alpaca', symbols: 'AAPL' }), { 'api.key': [/needs/], 'api.secret': [/needs/] });
  t.match(await errors({ preset: 'binance', symbols: 'A', channel: 'depth' }), { channel: [/has trade, aggTrade/] });
  t.match(await errors({ 'websocket.url': 'ws://a', 'subscribe.messages': '{"s":${symbls}}' }), {
    'subscribe.messages': [/'\$\{symbls\}'/],
  });
  t.match(await errors({ 'websocket.url': 'ws://a', 'subscribe.messages': '${symbols}' }), {
    symbols: [/set 'symbols'/],
  });
  t.match(await errors({ 'websocket.url': 'ws://a', 'records.key': 'a..b' }), { 'records.key': [/no path into JSON/] });
  t.match(await errors({ 'websocket.url': 'ws://a', 'records.filter': 'a=1&' }), { 'records.filter': [/empty term/] });
});

t.test('offsets that a user sets are checked', async (t) => {
  const config = {} as never;
  t.ok(webSocketSource.alterOffsets!(config, [[{ feed: 'binance', symbol: 'BTCUSDT' }, { sequence: 5 }]]));
  t.throws(
    () => webSocketSource.alterOffsets!(config, [[{ symbol: 'BTCUSDT' }, { sequence: 5 }]]),
    /keys 'feed' and 'symbol'/,
  );
  t.throws(
    () => webSocketSource.alterOffsets!(config, [[{ feed: 'a', symbol: 'b' }, { sequence: 'x' }]]),
    /'sequence' must be/,
  );
});

t.test('the examples are right', async (t) => {
  const dir = resolve(import.meta.dirname, '../../../examples/websocket');
  const names = readdirSync(dir).filter((name) => name !== 'preset.json');
  t.ok(names.length >= 4);
  for (const name of names) {
    const { config } = JSON.parse(readFileSync(join(dir, name), 'utf8')) as { config: Record<string, string> };
    t.strictSame(await configErrors(webSocketSource, config), {}, name);
  }
  const own = { topic: 'ticks', preset: join(dir, 'preset.json'), symbols: 'BTCUSDT' };
  t.strictSame(await configErrors(webSocketSource, own), {}, 'preset.json');
});
