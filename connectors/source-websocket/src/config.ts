import { type Config, int, list, password, string } from '@tributary/api';
import { tlsKeys } from '@tributary/api/tls';
import { compileCondition } from './condition.ts';
import { connectionKeys } from './config-connection.ts';
import { compiles, lines } from './config-lines.ts';
import { compileManyPath, compileScoped } from './json-path.ts';
import { PRESETS } from './presets/index.ts';
import { compileTemplate } from './template.ts';

const path = compiles(compileScoped);
const condition = compiles(compileCondition);
const template = compiles(compileTemplate);

const FEED = 'Feed';
const RECORDS = 'Records';

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
    doc: 'The condition that holds for a message with which the server refuses a subscription, such as `type=error`. If there is `subscribe.ack`, those that it grants go on; otherwise the connection is made anew.',
    group: FEED,
    order: 13,
  }),
  'subscribe.interval.ms': int({
    default: 0,
    min: 0,
    importance: 'low',
    doc: 'The time between two of `subscribe.messages`, for servers that limit how many they take.',
    group: FEED,
    order: 14,
  }),
  'unsubscribe.messages': string({
    default: null,
    importance: 'low',
    validate: lines,
    doc: 'What is sent before a connection is closed on purpose, as `subscribe.messages`.',
    group: FEED,
    order: 15,
  }),
  'symbols.per.connection': int({
    default: null,
    min: 1,
    doc: "How many symbols one connection has at most. Default: the preset's; without a preset there is no limit.",
    group: FEED,
    order: 16,
  }),
  'messages.ignored': string({
    default: null,
    importance: 'low',
    validate: condition,
    doc: 'The condition that holds for messages to pass over, such as `type=heartbeat`; `=pong` for a text that is no JSON.',
    group: FEED,
    order: 17,
  }),
  'records.path': string({
    default: '',
    validate: compiles(compileManyPath),
    doc: 'Where the records are in a message: names with dots between them, `[*]` for all items of an array. An array of plain values is a record. Default: the message is a record, or an array of them.',
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
    doc: 'The path, within a record, of its key, by which records are kept in order; `$.channel`: within the message. So may the following paths and conditions begin. Default: they have none.',
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
  ...connectionKeys,
  ...tlsKeys(''),
};

export type WebSocketConfig = Config<typeof configDef>;
