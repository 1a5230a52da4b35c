import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type ConnectHandle, connect } from '@tributary/services';
import type { Test } from 'tap';
import { openKafka } from '../../src/broker/kafka/index.ts';
import type { Broker } from '../../src/broker/port.ts';
import { rawRequest } from '../support/http.ts';
import { groupOf, type TestWorker, tempDir, testWorker } from '../support/worker.ts';
import { type Comparable, comparable } from './comparable.ts';
import { followTopic, type LogRecord } from './topic-log.ts';

/** One of the two workers. `{tag}` and `{dir}` in paths and bodies stand for what is its own, and for the folder of both. */
export interface Side {
  readonly name: 'java' | 'ours';
  readonly url: string;
  readonly tag: string;
  /** Its group, after which its internal topics are named. */
  readonly group: string;
  /** What it has written to its status topic, in order. */
  readonly written: readonly LogRecord[];
  send(request: Request): Promise<Comparable>;
}

/** Method, path, body (text as it is, else as JSON) and headers. */
export type Request = readonly [
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
];

/** Java's worker and ours on one Kafka, each with a group and internal topics of its own. */
export interface Pair {
  readonly java: Side & { readonly handle: ConnectHandle };
  readonly ours: Side & { readonly worker: TestWorker };
  readonly sides: readonly [Side, Side];
  /** A folder that both see. */
  readonly dir: string;
  readonly broker: Broker;
  /** The classes of the plugins that both have. */
  readonly pluginsOfBoth: ReadonlySet<string>;
}

/** Spares Java's worker a scan of its class path, and both the wait for a flush of a minute. */
const WORKER_PROPS = { 'offset.flush.interval.ms': '300', 'offset.flush.timeout.ms': '5000' };

/** The worker properties of a group with internal topics of its own, the same for both workers. */
export function groupProps(bootstrap: string, group: string): Record<string, string> {
  return {
    'bootstrap.servers': bootstrap,
    ...groupOf(group),
    'config.storage.replication.factor': '1',
    'offset.storage.replication.factor': '1',
    'status.storage.replication.factor': '1',
    'offset.storage.partitions': '5',
    'status.storage.partitions': '2',
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
    ...WORKER_PROPS,
  };
}

/** Starts Java's worker. @param folder where its files stay, so that it can be stopped and started again */
export function javaWorker(props: Readonly<Record<string, string>>, folder?: string): Promise<ConnectHandle> {
  return connect({
    ...(folder === undefined ? {} : { folder }),
    bootstrap: props['bootstrap.servers']!,
    jit: 'quick',
    startTimeoutMs: 120_000,
    workerProps: { ...props, 'plugin.discovery': 'service_load' },
  });
}

/** Starts both, with these props too. They stop when the test ends. */
export async function startPair(
  t: Test,
  bootstrap: string,
  props: Readonly<Record<string, string>> = {},
): Promise<Pair> {
  const dir = tempDir(t);
  const [javaTag, ourTag] = [randomBytes(4).toString('hex'), randomBytes(4).toString('hex')];
  const [handle, worker] = await Promise.all([
    javaWorker({ ...groupProps(bootstrap, `java-${javaTag}`), ...props }, join(dir, 'java')),
    testWorker(t, { ...groupProps(bootstrap, `ours-${ourTag}`), ...props }),
  ]);
  t.teardown(() => handle.stop());
  const ourPlugins = await pluginsOf(worker.url);
  const pluginsOfBoth = new Set((await pluginsOf(handle.url)).filter((name) => ourPlugins.includes(name)));
  const broker = await openKafka({ configs: { 'bootstrap.servers': bootstrap }, clientId: 'test' });
  t.teardown(() => broker.close());
  const side = <N extends Side['name']>(name: N, url: string, tag: string) => {
    const group = `${name}-${tag}`;
    const written = followTopic(broker, `${group}-status`).records;
    const fill = (text: string): string => text.replaceAll('{tag}', tag).replaceAll('{dir}', dir);
    const send = async ([method, path, body, headers = {}]: Request): Promise<Comparable> => {
      const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
      const json: Record<string, string> = text === undefined ? {} : { 'content-type': 'application/json' };
      const answer = await rawRequest(url, method, fill(path), { ...json, ...headers }, text && fill(text));
      const own = { [tag]: '{tag}', [dir]: '{dir}', [url.replace('http://', '')]: '{worker}' };
      return comparable(answer, path, { own, pluginsOfBoth });
    };
    return { name, url, tag, group, written, send };
  };
  const java = { ...side('java', handle.url, javaTag), handle };
  const ours = { ...side('ours', worker.url, ourTag), worker };
  return { java, ours, sides: [java, ours], dir, broker, pluginsOfBoth };
}

async function pluginsOf(url: string): Promise<readonly string[]> {
  const { text } = await rawRequest(url, 'GET', '/connector-plugins?connectorsOnly=false');
  return (JSON.parse(text) as { class: string }[]).map((plugin) => plugin.class);
}

const PAUSE_MS = 50;
const sleep = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));

const MAX_REBALANCE_MS = 10_000;

/** Java's worker puts requests off while its group rebalances, which it does after many a change. */
function isRebalancing({ status, body }: Comparable): boolean {
  const { message } = (body ?? {}) as { message?: unknown };
  return status === 409 && typeof message === 'string' && /momentarily|conflicting operation/.test(message);
}

/** Asks both until they answer the same, at most this long: a state that one shows sooner than the other is no difference. */
export async function bothAnswers(
  { java, ours }: Pair,
  request: Request,
  settleMs = 0,
): Promise<readonly [java: Comparable, ours: Comparable]> {
  const end = performance.now() + settleMs;
  const patience = performance.now() + MAX_REBALANCE_MS;
  while (true) {
    const first = await java.send(request);
    if (isRebalancing(first) && performance.now() < patience) {
      await sleep();
      continue;
    }
    const answers = [first, await ours.send(request)] as const;
    if (isDeepStrictEqual(...answers) || performance.now() > end) return answers;
    await sleep();
  }
}

/**
 * What a worker shows once the work that a request caused is done.
 * @param since what it has written to its status topic since the request
 */
export type Settled = (side: Side, since: readonly LogRecord[]) => Promise<boolean>;

/** Where each side's status topic ends, for `bothSettle` of the request that comes next. */
export const marks = ({ sides }: Pair): readonly number[] => sides.map(({ written }) => written.length);

const MAX_SETTLE_MS = 60_000;

/** Waits until both workers show it. @throws Error that says what each shows instead */
export async function bothSettle(
  { sides }: Pair,
  from: readonly number[],
  settled: readonly Settled[],
  what: string,
): Promise<void> {
  const end = performance.now() + MAX_SETTLE_MS;
  for (const [s, side] of sides.entries()) {
    for (const [i, condition] of settled.entries()) {
      while (!(await condition(side, side.written.slice(from[s])))) {
        if (performance.now() > end) {
          const { text } = await rawRequest(side.url, 'GET', '/connectors?expand=status');
          throw new Error(`${side.name} does not settle after ${what} (condition ${i}): ${text}`);
        }
        await sleep();
      }
    }
  }
}

// biome-ignore lint/suspicious/noExplicitAny: conditions read answers of many shapes
const get = async (side: Side, path: string): Promise<any> => (await side.send(['GET', path])).body;
const encoded = (name: string): string => encodeURIComponent(name).replaceAll('%7Btag%7D', '{tag}');

/** The states of the connector and of each of its tasks. */
export const status =
  (name: string, ...states: readonly string[]): Settled =>
  async (side) => {
    const body = await get(side, `/connectors/${encoded(name)}/status`);
    const found = body?.connector && [body.connector, ...body.tasks].map((item: { state: string }) => item.state);
    return isDeepStrictEqual(found, states);
  };

/** A task (null: the connector) has come to this state once more. */
export const again =
  (name: string, task: number | null, state: string): Settled =>
  async ({ tag }, since) => {
    const own = name.replaceAll('{tag}', tag);
    const key = task === null ? `status-connector-${own}` : `status-task-${own}-${task}`;
    const value = since.findLast((record) => record.key === key)?.value;
    return value != null && (JSON.parse(value) as { state: string }).state === state;
  };

/** The connector is not there any more, nor is its state. */
export const gone =
  (name: string): Settled =>
  async (side) =>
    (await side.send(['GET', `/connectors/${encoded(name)}/status`])).status === 404 &&
    (await side.send(['GET', `/connectors/${encoded(name)}`])).status === 404;

/** Every task has this value for a key; undefined: none has the key. */
export const taskConfig =
  (name: string, key: string, value: string | undefined, tasks = 1): Settled =>
  async (side) => {
    const body = await get(side, `/connectors/${encoded(name)}/tasks`);
    return (
      Array.isArray(body) &&
      body.length === tasks &&
      body.every(({ config }: { config: Record<string, string> }) => config[key] === value)
    );
  };

/** Where a connector has come to, in any order; `Number` stands for any number. */
export const offsets =
  (name: string, ...entries: ReadonlyArray<readonly [partition: object, offset: object]>): Settled =>
  async (side) => {
    const body = await get(side, `/connectors/${encoded(name)}/offsets`);
    const found = (body?.offsets ?? []) as { partition: object; offset: Record<string, unknown> }[];
    return (
      found.length === entries.length &&
      entries.every(([partition, offset]) =>
        found.some(
          (item) =>
            isDeepStrictEqual(item.partition, partition) &&
            Object.entries(offset).every(([key, value]) =>
              value === Number ? typeof item.offset[key] === 'number' : item.offset[key] === value,
            ),
        ),
      )
    );
  };

/** The connector has used these topics. */
export const usedTopics =
  (name: string, ...topics: readonly string[]): Settled =>
  async (side) => {
    const body = await get(side, `/connectors/${encoded(name)}/topics`);
    return isDeepStrictEqual(body?.[name]?.topics, topics);
  };
