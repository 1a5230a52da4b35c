import { boolean, type Config, int, list, long, password, string } from '@tributary/api';
import { tlsKeys } from '@tributary/api/tls';
import { compileCondition } from './condition.ts';
import { compileManyPath, compilePath } from './json-path.ts';
import { PRESETS } from './presets/index.ts';
import { compileTemplate } from './template.ts';

/** A check of a value by whatever compiles it. */
const compiles =
  (compile: (text: string) => unknown) =>
  (value: string | readonly string[], key: string): string | undefined => {
    try {
      for (const text of typeof value === 'string' ? [value] : value) compile(text);
      return undefined;
    } catch (error) {
      return `Invalid value ${value} for configuration ${key}: ${(error as Error).message}`;
    }
  };

/** Messages are one a line, since they are full of commas. */
export const linesOf = (text: string | null): readonly string[] =>
  (text ?? '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');

const lines = compiles((text) => linesOf(text).map(compileTemplate));
const path = compiles(compilePath);
const condition = compiles(compileCondition);
const template = compiles(compileTemplate);

const FEED = 'Feed';
const RECORDS = 'Records';
const CONNECTION = 'Connection';
const GAPS = 'Gaps';
const BUFFER = 'Buffer';

export const configDef = {
  topic: string({
    nonEmpty: true,
    importance: 'high',
    doc: 'The topic that the records go to. With a preset they are keyed by symbol, and their schema is `tributary.market.Tick`.',
    group: FEED,
    order: 1,
  }),
  preset: string({
    default: null,
    importance: 'high',
    recommended: [...PRESETS.keys()],
    doc: `The feed: ${[...PRESETS.keys()].join(', ')}, or the file of a preset of your own, which ends with .json, .js, .mjs, .ts or .mts. Without a preset the keys of the groups Feed and Records describe the feed.`,
    group: FEED,
    order: 2,
  }),
  symbols: list({
    default: [],
    importance: 'high',
    doc: "What is subscribed to, in the feed's own spelling. They are divided among tasks and connections.",
    group: FEED,
    order: 3,
  }),
  channel: string({
    default: null,
    doc: "Which of the preset's channels is subscribed to. Default: its first.",
    group: FEED,
    order: 4,
  }),
  'api.key': password({
    default: null,
    doc: 'The key that the feed asks for; `${api.key}` in messages, headers and URLs.',
    group: FEED,
    order: 5,
  }),
  'api.secret': password({
    default: null,
    doc: 'The secret that belongs to the key; `${api.secret}` in messages, headers and URLs.',
    group: FEED,
    order: 6,
  }),
  'websocket.url': list({
    default: [],
    importance: 'high',
    validate: template,
    doc: "Where to connect to, `ws://` or `wss://`; with several there is a connection to each, and they are spread over the tasks. It may be a template. With a preset: in place of the preset's own.",
    group: FEED,
    order: 7,
  }),
  'websocket.headers': list({
    default: [],
    validate: (values) =>
      values.every((value) => /^[!#$%&'*+.^_`|~0-9A-Za-z-]+:/.test(value))
        ? template(values, 'websocket.headers')
        : 'Expected headers such as X-Client: tributary, with commas between them',
    doc: 'Headers of the handshake, as `Name: value`. Values may be templates: `Authorization: Bearer ${api.key}`.',
    group: FEED,
    order: 8,
  }),
  'websocket.subprotocols': list({
    default: [],
    importance: 'low',
    doc: 'The subprotocols that the server is offered.',
    group: FEED,
    order: 9,
  }),
  'subscribe.messages': string({
    default: null,
    importance: 'high',
    validate: lines,
    doc: 'What is sent when a connection is up, one message a line. `${symbols}` is a JSON array of the symbols, `${symbols|lower|join=,}` a text of them; with `${symbol}` a message is sent for each. There are the filters lower, upper, prefix=, suffix= and, for symbols, join=; also `${number}`, `${api.key}` and `${api.secret}`.',
    group: FEED,
    order: 10,
  }),
  'subscribe.ack': string({
    default: null,
    validate: condition,
    doc: 'The condition that holds for a message with which the server accepts a subscription, such as `type=subscribed`. Default: nothing is waited for.',
    group: FEED,
    order: 11,
  }),
  'subscribe.ack.count': int({
    default: null,
    min: 1,
    importance: 'low',
    doc: 'How many of these messages are waited for. Default: one for each message sent.',
    group: FEED,
    order: 12,
  }),
  'subscribe.error': string({
    default: null,
    validate: condition,
    doc: 'The condition that holds for a message with which the server refuses, such as `type=error`. The connection is made anew.',
    group: FEED,
    order: 13,
  }),
  'unsubscribe.messages': string({
    default: null,
    importance: 'low',
    validate: lines,
    doc: 'What is sent before a connection is closed on purpose, as `subscribe.messages`.',
    group: FEED,
    order: 14,
  }),
  'symbols.per.connection': int({
    default: null,
    min: 1,
    doc: "How many symbols one connection has at most. Default: the preset's; without a preset there is no limit.",
    group: FEED,
    order: 15,
  }),
  'records.path': string({
    default: '',
    validate: compiles(compileManyPath),
    doc: 'Where the records are in a message: names with dots between them, `[*]` for all items of an array. Default: the message is a record, or an array of them.',
    group: RECORDS,
    order: 1,
  }),
  'records.format': string({
    oneOf: ['json', 'text', 'bytes'],
    default: 'json',
    doc: 'What the value of a record is: what stands at `records.path`, without a schema; or the message as it came, as text or as bytes.',
    group: RECORDS,
    order: 2,
  }),
  'records.key': string({
    default: null,
    validate: path,
    doc: 'The path, within a record, of its key, by which records are kept in order. Default: they have none.',
    group: RECORDS,
    order: 3,
  }),
  'records.timestamp': string({
    default: null,
    validate: path,
    doc: 'The path of its time.',
    group: RECORDS,
    order: 4,
  }),
  'records.timestamp.unit': string({
    oneOf: ['auto', 's', 'ms', 'us', 'ns'],
    default: 'auto',
    importance: 'low',
    doc: 'What times are counted in. `auto`: ISO 8601, or numbers by their size.',
    group: RECORDS,
    order: 5,
  }),
  'records.id': string({
    default: null,
    validate: path,
    doc: 'The path of what tells a record from all others of its key: what comes again is dropped.',
    group: RECORDS,
    order: 6,
  }),
  'records.sequence': string({
    default: null,
    validate: path,
    doc: 'The path of a number that increases by one from record to record of a key: what comes again is dropped, what comes too early waits, and what is missing is told in `gaps.topic`.',
    group: RECORDS,
    order: 7,
  }),
  'records.filter': list({
    default: [],
    validate: condition,
    doc: 'Conditions that must all hold for a record: `path=value`, `path=value|other`, `path!=value`, or a path, for which there must be something.',
    group: RECORDS,
    order: 8,
  }),
  'records.decimals': string({
    oneOf: ['number', 'text'],
    default: 'number',
    importance: 'low',
    doc: 'Whether JSON numbers with a fraction become numbers, or text with exactly the digits of the feed. Whole numbers are always exact.',
    group: RECORDS,
    order: 9,
  }),
  'malformed.policy': string({
    oneOf: ['skip', 'fail'],
    default: 'skip',
    doc: 'What happens with a message that cannot be read: it is counted and logged, or it fails the task.',
    group: RECORDS,
    order: 10,
  }),
  'malformed.topic': string({
    default: null,
    importance: 'low',
    doc: 'The topic that such messages go to, as bytes, with the reason in the header `tributary.malformed`. Default: none.',
    group: RECORDS,
    order: 11,
  }),
  'connect.timeout.ms': int({
    default: 10_000,
    min: 1,
    importance: 'low',
    doc: 'How long a connection may take to come about.',
    group: CONNECTION,
    order: 1,
  }),
  'subscribe.timeout.ms': int({
    default: 10_000,
    min: 1,
    importance: 'low',
    doc: 'How long the server may take to answer what it is asked.',
    group: CONNECTION,
    order: 2,
  }),
  'silence.timeout.ms': int({
    default: null,
    min: 0,
    doc: "After so long without a message a connection is made anew; if the next one is as silent, after twice as long, up to 16 times. 0: never. Default: the preset's; 60,000 without a preset.",
    group: CONNECTION,
    order: 3,
  }),
  'ping.interval.ms': int({
    default: null,
    min: 0,
    importance: 'low',
    doc: "How often the server is sent a ping of the protocol. 0: never. Default: the preset's, or 15,000.",
    group: CONNECTION,
    order: 4,
  }),
  'ping.timeout.ms': int({
    default: 10_000,
    min: 1,
    importance: 'low',
    doc: 'How long the server may take to answer a ping.',
    group: CONNECTION,
    order: 5,
  }),
  'heartbeat.messages': string({
    default: null,
    importance: 'low',
    validate: lines,
    doc: 'What is sent in regular intervals, for servers that want to be told that somebody is there; as `subscribe.messages`.',
    group: CONNECTION,
    order: 6,
  }),
  'heartbeat.interval.ms': int({
    default: null,
    min: 0,
    importance: 'low',
    doc: "How often that is. Default: the preset's, or 30,000 if there are messages.",
    group: CONNECTION,
    order: 7,
  }),
  'reconnect.backoff.ms': int({
    default: 500,
    min: 1,
    doc: 'The pause after a connection was lost. It doubles with each attempt that fails, and is shortened by up to half by chance.',
    group: CONNECTION,
    order: 8,
  }),
  'reconnect.backoff.max.ms': int({
    default: 30_000,
    min: 1,
    importance: 'low',
    doc: 'The longest such pause.',
    group: CONNECTION,
    order: 9,
  }),
  'reconnect.max.attempts': int({
    default: -1,
    min: -1,
    importance: 'low',
    doc: 'After so many failed attempts in a row the task fails. -1: never.',
    group: CONNECTION,
    order: 10,
  }),
  'reconnect.planned.ms': long({
    default: null,
    min: 0,
    doc: "After so long a connection is replaced, before the server cuts it: the new one is up before the old one goes, unless the feed allows one only. 0: never. Default: the preset's.",
    group: CONNECTION,
    order: 11,
  }),
  'reconnect.overlap.ms': int({
    default: 2_000,
    min: 0,
    importance: 'low',
    doc: 'How long both connections are then read, if the records have numbers or ids, so that nothing falls between them.',
    group: CONNECTION,
    order: 12,
  }),
  'websocket.compression': boolean({
    default: false,
    importance: 'low',
    doc: 'Whether the server is offered per-message deflate. It saves bandwidth and costs a multiple of the time of a small message.',
    group: CONNECTION,
    order: 13,
  }),
  'websocket.frame.max.bytes': int({
    default: 16 * 1024 * 1024,
    min: 1,
    importance: 'low',
    doc: 'The largest message that is taken; a larger one ends the connection.',
    group: CONNECTION,
    order: 14,
  }),
  'proxy.url': string({
    default: null,
    doc: 'An HTTP proxy that connections go through (CONNECT), such as `http://proxy:3128`.',
    group: CONNECTION,
    order: 15,
  }),
  'proxy.user': string({
    default: null,
    importance: 'low',
    doc: 'Who we are for the proxy.',
    group: CONNECTION,
    order: 16,
  }),
  'proxy.password': password({
    default: null,
    importance: 'low',
    doc: 'Our password there.',
    group: CONNECTION,
    order: 17,
  }),
  'validate.reachable': boolean({
    default: false,
    importance: 'low',
    doc: 'Whether a config is refused if its servers cannot be connected to within 5 seconds.',
    group: CONNECTION,
    order: 18,
  }),
  'gaps.topic': string({
    default: null,
    importance: 'high',
    doc: 'The topic that is told of each gap: symbol, numbers, time, whether the records were recovered. Their schema is `tributary.websocket.Gap`. Default: gaps are only logged and counted.',
    group: GAPS,
    order: 1,
  }),
  'reorder.wait.ms': int({
    default: 1_000,
    min: 0,
    doc: 'How long the records of a symbol wait for those before them that have not come. Then these are recovered, or given up.',
    group: GAPS,
    order: 2,
  }),
  'recovery.enabled': boolean({
    default: true,
    doc: "Whether missing records are fetched from the feed's REST API, where the preset knows one. If `websocket.url` is set, that is only done if `recovery.url` is set too.",
    group: GAPS,
    order: 3,
  }),
  'recovery.url': string({
    default: null,
    importance: 'low',
    doc: "The beginning of the REST API's URLs, in place of the preset's.",
    group: GAPS,
    order: 4,
  }),
  'recovery.timeout.ms': int({
    default: 10_000,
    min: 0,
    importance: 'low',
    doc: 'How long missing records are asked for without getting more of them.',
    group: GAPS,
    order: 5,
  }),
  'recovery.max.records': long({
    default: 100_000,
    min: 1,
    importance: 'low',
    doc: 'Gaps with more records are not recovered.',
    group: GAPS,
    order: 6,
  }),
  'dedup.ids': int({
    default: 1_000,
    min: 1,
    importance: 'low',
    doc: 'How many ids of a symbol are remembered, where records have ids that do not count.',
    group: GAPS,
    order: 7,
  }),
  'buffer.policy': string({
    oneOf: ['block', 'drop_oldest', 'spill'],
    default: 'block',
    doc: 'What happens when Kafka does not keep up and the buffer is full. `block`: nothing more is read, and the server may cut the connection; `drop_oldest`: the oldest records are dropped, which is told in `gaps.topic`; `spill`: they are kept on disk.',
    group: BUFFER,
    order: 1,
  }),
  'buffer.max.records': int({
    default: 50_000,
    min: 1,
    doc: 'How many records the buffer holds.',
    group: BUFFER,
    order: 2,
  }),
  'buffer.max.bytes': long({
    default: 64 * 1024 * 1024,
    min: 1,
    doc: 'How many bytes of messages it holds.',
    group: BUFFER,
    order: 3,
  }),
  'buffer.spill.dir': string({
    default: 'data/spill',
    importance: 'low',
    doc: 'Where records are kept on disk: in a folder for each task, which is read again after a restart.',
    group: BUFFER,
    order: 4,
    visible: (config) => config['buffer.policy'] === 'spill',
  }),
  'batch.max.records': int({
    default: 2_000,
    min: 1,
    max: 100_000,
    importance: 'low',
    doc: 'How many records are handed over at once, at most.',
    group: BUFFER,
    order: 5,
  }),
  ...tlsKeys(''),
};

export type WebSocketConfig = Config<typeof configDef>;
