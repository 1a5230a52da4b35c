/** Kafka stands still or is killed while trades go on, under each `buffer.policy`. */
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts, type KafkaHandle, kafka, skipUnlessAvailable } from '@tributary/services';
import { binance, type FeedServer } from '@tributary/source-simulator/serve';
import t, { type Test } from 'tap';
import { type WorkerProcess, workerProcess } from '../../../runtime/test/support/process.ts';
import { groupOf, tempDir, until } from '../../../runtime/test/support/worker.ts';
import { Delivered } from './support/delivered.ts';
import { serve, upTo } from './support/pulled.ts';

const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'];
const BUFFER = 500;

type Props = Record<string, string>;

const source = (server: FeedServer, name: string, policy: string, more: Props = {}): Props => ({
  name,
  'connector.class': 'WebSocketSource',
  preset: 'binance',
  symbols: SYMBOLS.join(),
  'websocket.url': server.url,
  topic: name,
  'gaps.topic': `${name}-gaps`,
  'reorder.wait.ms': '200',
  'buffer.policy': policy,
  'buffer.max.records': String(BUFFER),
  'buffer.spill.dir': './spill',
  ...more,
});

const worker = async (
  t: Test,
  dir: string,
  bootstrap: string,
  connectors: readonly Props[],
  more: Props = {},
): Promise<WorkerProcess> => {
  const [port] = await freePorts(1);
  const props = {
    'bootstrap.servers': bootstrap,
    ...groupOf('ws-outage'),
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'value.converter.schemas.enable': 'false',
    ...more,
  };
  return workerProcess(t, dir, port!, props, connectors);
};

const subscribed = (server: FeedServer, connectors: number): Promise<void> =>
  until(() => [...server.clients].filter(({ symbols }) => symbols.size === SYMBOLS.length).length === connectors);

/** A metric of a connector's task. */
async function metric({ url }: WorkerProcess, connector: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const line = text.split('\n').find((one) => one.includes(name) && one.includes(`"${connector}"`));
  return Number(line?.split(' ').at(-1) ?? 0);
}

/** Makes trades until something holds. */
async function tradeUntil(server: FeedServer, condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition()))
    for (let round = 0; round < 10; round++) {
      for (const symbol of SYMBOLS) server.trade(symbol, 50);
      await sleep(2);
    }
}

const complete = (server: FeedServer, one: Delivered): boolean =>
  SYMBOLS.every(
    (symbol) => one.numbers(symbol).length + one.missing(symbol).length >= server.trades.get(symbol)!.length,
  );

function inOrder(t: Test, server: FeedServer, one: Delivered, symbol: string): void {
  const numbers = one.numbers(symbol);
  t.strictSame(
    numbers,
    numbers.toSorted((a, b) => a - b),
    `${symbol}: in order`,
  );
  const all = upTo(server.trades.get(symbol)!.length);
  const told = [...numbers, ...one.missing(symbol)].toSorted((a, b) => a - b);
  t.strictSame(told, all, `${symbol}: each once, or told once`);
}

const OUTAGES: Readonly<
  Record<string, { begin(server: KafkaHandle): Promise<void>; end(server: KafkaHandle): Promise<void> }>
> = {
  'stands still': {
    begin: async ({ pid }) => void process.kill(pid, 'SIGSTOP'),
    end: async ({ pid }) => void process.kill(pid, 'SIGCONT'),
  },
  'is killed': { begin: (server) => server.kill(), end: (server) => server.restart() },
};

const WORKER_ENDS: Readonly<Record<string, (worker: WorkerProcess) => Promise<unknown>>> = {
  stops: (worker) => worker.stop(),
  'is killed': (worker) => worker.kill(),
};

t.test('Kafka fails', { skip: await skipUnlessAvailable('kafka'), timeout: 400_000 }, async (t) => {
  const broker = await kafka({ jit: 'quick' });
  t.teardown(() => broker.stop());
  const { bootstrap } = broker;

  t.test('under each policy of the buffer', async (t) => {
    const server = await serve(t, binance);
    const policies = ['block', 'drop_oldest', 'spill'] as const;
    const delivered = Object.fromEntries(
      await Promise.all(
        policies.map(async (policy) => [policy, await Delivered.follow(t, bootstrap, policy)] as const),
      ),
    ) as Record<(typeof policies)[number], Delivered>;
    const running = await worker(
      t,
      tempDir(t),
      bootstrap,
      policies.map((policy) => source(server, policy, policy)),
    );
    await subscribed(server, policies.length);
    for (const symbol of SYMBOLS) server.trade(symbol, 10);
    await until(() => policies.every((policy) => complete(server, delivered[policy])));
    for (const [what, { begin, end }] of Object.entries(OUTAGES))
      t.test(`Kafka ${what}`, async (t) => {
        const blocks = (): number => running.output().split('The buffer is full').length;
        const blocksBefore = blocks();
        const droppedBefore = await metric(running, 'drop_oldest', 'dropped_records');
        await begin(broker);
        await tradeUntil(
          server,
          async () =>
            blocks() > blocksBefore &&
            (await metric(running, 'drop_oldest', 'dropped_records')) > droppedBefore &&
            (await metric(running, 'spill', 'buffered_records')) > 2 * BUFFER,
        );
        await end(broker);
        await until(() => policies.every((policy) => complete(server, delivered[policy])), 50);
        for (const symbol of SYMBOLS) {
          const all = upTo(server.trades.get(symbol)!.length);
          for (const policy of ['block', 'spill'] as const)
            t.strictSame(delivered[policy].numbers(symbol), all, `${policy}: ${symbol}: each once and in order`);
          inOrder(t, server, delivered.drop_oldest, symbol);
          t.ok(delivered.drop_oldest.gaps(symbol).every(({ reason }) => reason === 'dropped'));
        }
        t.ok(
          SYMBOLS.some((symbol) => delivered.drop_oldest.missing(symbol).length > 0),
          'some were dropped',
        );
      });
  });

  for (const [what, ends] of Object.entries(WORKER_ENDS))
    t.test(`the worker ${what} with records on disk, and the next one goes on from there`, async (t) => {
      const server = await serve(t, binance);
      const id = what.replaceAll(' ', '-');
      const [asking, telling] = [`${id}-asking`, `${id}-telling`];
      const [asked, told] = [
        await Delivered.follow(t, bootstrap, asking),
        await Delivered.follow(t, bootstrap, telling),
      ];
      const connectors = [
        source(server, asking, 'spill', { 'recovery.url': server.restUrl }),
        source(server, telling, 'spill'),
      ];
      const dir = tempDir(t);
      const props = { ...groupOf(id), 'exactly.once.source.support': 'enabled' };
      const first = await worker(t, dir, bootstrap, connectors, props);
      await subscribed(server, 2);
      for (const symbol of SYMBOLS) server.trade(symbol, 10);
      await until(() => complete(server, asked) && complete(server, told));
      const { begin, end } = OUTAGES['stands still']!;
      await begin(broker);
      const onDisk = async (name: string): Promise<boolean> =>
        (await metric(first, name, 'buffered_records')) > 10 * BUFFER;
      await tradeUntil(server, async () => (await onDisk(asking)) && (await onDisk(telling)));
      const made = SYMBOLS.map((symbol) => server.trades.get(symbol)!.length);
      // What was made last may be in memory still.
      const spilled = made.map((count) => upTo(BUFFER, count - 2 * BUFFER));
      await ends(first);
      await end(broker);
      for (const symbol of SYMBOLS) server.trade(symbol, 20);
      await worker(t, dir, bootstrap, [], props);
      await subscribed(server, 2);
      for (const symbol of SYMBOLS) server.trade(symbol, 3);
      await until(() => complete(server, asked) && complete(server, told), 50);
      SYMBOLS.forEach((symbol, i) => {
        t.strictSame(
          asked.numbers(symbol),
          upTo(server.trades.get(symbol)!.length),
          `${symbol}: each once and in order`,
        );
        inOrder(t, server, told, symbol);
        const missing = new Set(told.missing(symbol));
        t.notOk(
          spilled[i]!.some((number) => missing.has(number)),
          'what was on disk is not missing',
        );
        t.ok(missing.has(made[i]! + 1), 'what happened without a worker is');
      });
    });
});
