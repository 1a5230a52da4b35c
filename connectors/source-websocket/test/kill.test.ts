/** Exactly-once on Kafka: the worker is killed again and again while trades go on. */

import { freePorts, sharedKafka, skipUnlessAvailable } from '@tributary/services';
import { binance } from '@tributary/source-simulator/serve';
import t from 'tap';
import { workerProcess } from '../../../runtime/test/support/process.ts';
import { groupOf, tempDir, until } from '../../../runtime/test/support/worker.ts';
import { Delivered } from './support/delivered.ts';
import { serve, upTo } from './support/pulled.ts';

const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'ADAUSDT', 'XRPUSDT'];
const KILLS = 3;
const RECORDS_BETWEEN_KILLS = 1_000;

t.test(
  'with exactly-once each trade is in Kafka once and in order, or told to be missing, however often the worker is killed',
  { skip: await skipUnlessAvailable('kafka'), timeout: 240_000 },
  async (t) => {
    const bootstrap = await sharedKafka();
    const id = `ws-kill-${process.pid}`;
    const server = await serve(t, binance);
    const converters = {
      'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
      'value.converter.schemas.enable': 'false',
    };
    const source = (name: string, more: Record<string, string>): Record<string, string> => ({
      name,
      'connector.class': 'WebSocketSource',
      'tasks.max': '2',
      'exactly.once.support': 'required',
      preset: 'binance',
      symbols: SYMBOLS.join(),
      'symbols.per.connection': '2',
      'websocket.url': server.url,
      topic: name,
      'gaps.topic': `${name}-gaps`,
      'reorder.wait.ms': '200',
      ...more,
    });
    // One can ask for what it missed, the other can only tell.
    const [asking, telling] = [`${id}-asking`, `${id}-telling`];
    const connectors = [source(asking, { 'recovery.url': server.restUrl }), source(telling, {})];
    const asked = await Delivered.follow(t, bootstrap, asking);
    const told = await Delivered.follow(t, bootstrap, telling);
    const props = {
      'bootstrap.servers': bootstrap,
      ...groupOf(id),
      ...converters,
      'exactly.once.source.support': 'enabled',
      'log.level': 'warn',
    };
    const dir = tempDir(t);
    const [port] = await freePorts(1);
    const subscribed = (): boolean =>
      SYMBOLS.every((symbol) => [...server.clients].filter((one) => one.symbols.has(symbol)).length === 2);
    let ticks = 0;
    let trades = false;
    const trading = setInterval(() => {
      if (!trades) return;
      for (let i = 0; i < 4; i++) server.trade(SYMBOLS[ticks++ % SYMBOLS.length]!, 1 + (ticks % 3));
    }, 10);
    t.teardown(() => clearInterval(trading));
    for (let kills = 0; kills < KILLS; kills++) {
      const worker = await workerProcess(t, dir, port!, props, kills === 0 ? connectors : []);
      await until(subscribed);
      trades = true;
      const from = [asked.count, told.count];
      await until(() => [asked, told].every((one, i) => one.count > from[i]! + RECORDS_BETWEEN_KILLS));
      await worker.kill();
    }
    const last = await workerProcess(t, dir, port!, props);
    await until(subscribed);
    // From here on nothing is missed.
    clearInterval(trading);
    for (const symbol of SYMBOLS) server.trade(symbol, 3);
    const complete = (one: Delivered): boolean =>
      SYMBOLS.every((symbol) => {
        const found = one.numbers(symbol).length + one.missing(symbol).length;
        return found >= server.trades.get(symbol)!.length;
      });
    await until(() => complete(asked) && complete(told), 50);
    t.equal(await last.stop(), 0);
    for (const symbol of SYMBOLS) {
      const all = upTo(server.trades.get(symbol)!.length);
      t.strictSame(asked.numbers(symbol), all, `${symbol}: each once and in order`);
      t.strictSame(asked.missing(symbol), [], 'and nothing is told to be missing');
      const numbers = told.numbers(symbol);
      t.strictSame(
        numbers,
        numbers.toSorted((a, b) => a - b),
        `${symbol}: in order`,
      );
      t.strictSame(
        [...numbers, ...told.missing(symbol)].toSorted((a, b) => a - b),
        all,
        'each once, or told once',
      );
      t.ok(told.missing(symbol).length > 0, 'what happened without a worker is missing');
    }
  },
);
