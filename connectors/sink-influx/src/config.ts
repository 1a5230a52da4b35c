import { boolean, type Config, int, list, password, string } from '@tributary/api';
import { tlsKeys } from '@tributary/api/tls';
import { deliveryConfig } from '@tributary/sink-kit';
import { TIME_UNITS } from './line/timestamp.ts';

/** What stands before the keys of TLS. */
export const TLS_PREFIX = 'influxdb.';

const SERVER = 'InfluxDB';
const POINTS = 'Points';
const VALUES = 'Values';

const server = {
  'influxdb.url': string({
    importance: 'high',
    group: SERVER,
    nonEmpty: true,
    doc: 'Where InfluxDB, or a store that speaks as it does, listens: http://host:8086 or https://...; a path before /api is part of it.',
  }),
  'influxdb.org': string({
    default: null,
    importance: 'high',
    group: SERVER,
    doc: 'The organization that the bucket belongs to: its name or its id. InfluxDB 2 needs it.',
  }),
  'influxdb.bucket': string({
    default: null,
    importance: 'high',
    group: SERVER,
    doc: 'The bucket to write to: its name or its id; ${topic} stands for the topic. Either this or influxdb.database.',
  }),
  'influxdb.token': password({
    default: null,
    importance: 'high',
    group: SERVER,
    doc: 'The token to write with. It needs no more than the permission to write to the bucket.',
  }),
  'influxdb.database': string({
    default: null,
    importance: 'high',
    group: SERVER,
    doc: 'The database to write to, for InfluxDB 1 and stores that have its /write; ${topic} stands for the topic. Either this or influxdb.bucket.',
  }),
  'influxdb.db': string({
    default: null,
    importance: 'low',
    group: SERVER,
    doc: "As influxdb.database: the key of Confluent's sink.",
  }),
  'influxdb.retention.policy': string({
    default: null,
    importance: 'medium',
    group: SERVER,
    doc: 'The retention policy of the database. Default: its own default.',
  }),
  'influxdb.username': string({
    default: null,
    importance: 'medium',
    group: SERVER,
    doc: 'The user to write to a database as. Default: influxdb.token, or nobody.',
  }),
  'influxdb.password': password({
    default: null,
    importance: 'medium',
    group: SERVER,
    doc: 'The password of influxdb.username.',
  }),
  'influxdb.consistency.level': string({
    default: null,
    importance: 'low',
    group: SERVER,
    oneOf: ['any', 'one', 'quorum', 'all'],
    caseSensitive: false,
    doc: 'How many nodes of a cluster of InfluxDB Enterprise must have a write. Default: that of the server.',
  }),
  'request.timeout.ms': int({
    default: 30_000,
    min: 100,
    importance: 'low',
    group: SERVER,
    doc: 'How long an answer may take, in milliseconds. A server that takes longer counts as one that cannot be reached.',
  }),
  gzip: boolean({
    default: false,
    importance: 'medium',
    group: SERVER,
    doc: 'Whether requests are compressed: a sixth of the bytes, for as much CPU again as it takes to make the lines. Worth it where the network is slow or metered.',
  }),
  'influxdb.gzip.enable': boolean({
    default: false,
    importance: 'low',
    group: SERVER,
    doc: "As gzip: the key of Confluent's sink.",
  }),
} as const;

const points = {
  'measurement.name.format': string({
    default: '${topic}',
    importance: 'high',
    group: POINTS,
    nonEmpty: true,
    doc: 'The name of the measurement: text with ${topic}, ${value.kind}, ${key}, ${header.x} or other fields of the record in it.',
  }),
  tags: list({
    default: [],
    importance: 'high',
    group: POINTS,
    repeats: true,
    doc: 'What becomes tags, which are text and are indexed: value.symbol, value.venue AS exchange, key, key.id, header.x, __topic, __partition; value.tags.* takes each entry of a map. Null, missing and empty ones are left out.',
  }),
  fields: list({
    default: ['value.*'],
    importance: 'high',
    group: POINTS,
    repeats: true,
    doc: 'What becomes fields, written as tags are. value.* is every field of the value that is not a tag, the timestamp, a part of the measurement or named here by itself; what is nested gets the names of its path.',
  }),
  'timestamp.field': string({
    default: null,
    importance: 'high',
    group: POINTS,
    doc: "The point's time: value.event_time, key.at, header.x ... Default: the record's timestamp.",
  }),
  'event.time.fieldname': string({
    default: null,
    importance: 'low',
    group: POINTS,
    doc: "As timestamp.field, of a field of the value: the key of Confluent's sink.",
  }),
  'timestamp.unit': string({
    default: 'ms',
    oneOf: TIME_UNITS,
    importance: 'medium',
    group: POINTS,
    doc: 'What a number in timestamp.field counts since 1970: ns, us, ms or s. Dates and text in ISO 8601 need no unit.',
  }),
  'timestamp.precision': string({
    default: 'ns',
    oneOf: TIME_UNITS,
    importance: 'medium',
    group: POINTS,
    doc: 'What times are written in: ns, us, ms or s. Digits below are cut off.',
  }),
  'points.unique': string({
    default: 'none',
    oneOf: ['none', 'time', 'sequence_tag'],
    importance: 'medium',
    group: POINTS,
    doc: "What becomes of points of the same measurement, tags and time. none: they are one point, the fields of the last record win. time: each is kept, since the last digits of the record's offset fill those of the time that timestamp.unit leaves free. sequence_tag: each is kept, by the tags __partition and __offset, which makes a series of every record.",
  }),
  'empty.points': string({
    default: 'refuse',
    oneOf: ['refuse', 'skip'],
    importance: 'low',
    group: POINTS,
    doc: 'What becomes of records of which no field has a value: they are reported as errors, or passed over.',
  }),
  'expired.points': string({
    default: 'refuse',
    oneOf: ['refuse', 'skip'],
    importance: 'low',
    group: POINTS,
    doc: 'What becomes of points that are older than what the bucket keeps, as in a replay: they are reported as errors, or passed over.',
  }),
  'behavior.on.null.values': string({
    default: 'ignore',
    oneOf: ['ignore', 'fail'],
    caseSensitive: false,
    importance: 'low',
    group: POINTS,
    doc: 'What becomes of tombstones, records without a value: ignore passes over them, fail reports each as an error.',
  }),
} as const;

const told = (type: string, more: string): ReturnType<typeof list<{ default: readonly string[]; doc: string }>> =>
  list({
    default: [],
    importance: 'medium',
    group: VALUES,
    repeats: true,
    doc: `The fields, by the names that they have in InfluxDB, whose values are written as ${type}; * means all numbers. ${more}`,
  });

const values = {
  'fields.integer': told(
    'integers',
    'Numbers without a schema are floats otherwise, whether they have a fraction or not.',
  ),
  'fields.unsigned': told('unsigned integers', 'Not every compatible store knows them.'),
  'fields.float': told('floats', 'For integers of a schema where the measurement has floats.'),
  'fields.string': told('text', 'For fields that hold now this type, now that.'),
  'decimal.format': string({
    default: 'float',
    oneOf: ['float', 'rounded', 'string'],
    importance: 'medium',
    group: VALUES,
    doc: 'What decimals become. float: the float with the same digits; records are refused whose digits it cannot hold. rounded: the nearest float. string: text with all digits.',
  }),
  'bytes.format': string({
    default: 'base64',
    oneOf: ['base64', 'refuse'],
    importance: 'low',
    group: VALUES,
    doc: 'What bytes become: text in base64, or a reason to refuse the record.',
  }),
  'array.format': string({
    default: 'json',
    oneOf: ['json', 'refuse'],
    importance: 'low',
    group: VALUES,
    doc: 'What arrays become: JSON as text, or a reason to refuse the record.',
  }),
  'flatten.separator': string({
    default: '.',
    importance: 'low',
    group: VALUES,
    doc: 'Stands between the names of nested fields: value.* makes quote.bid of the field bid of the struct quote.',
  }),
  'unwritable.characters': string({
    default: 'refuse',
    oneOf: ['refuse', 'replace'],
    importance: 'low',
    group: VALUES,
    doc: 'Line protocol has no way to write some texts, such as a tag that ends with a backslash or holds a newline. refuse: the record is reported as an error. replace: what cannot be written becomes U+FFFD.',
  }),
} as const;

/** The keys of the sink. */
export const config = {
  ...server,
  ...points,
  ...values,
  ...deliveryConfig,
  'batch.size': int({
    default: 5000,
    min: 1,
    importance: 'medium',
    group: 'Writes',
    doc: 'The most records that are written with one request. How many there are to write is bounded by consumer.override.max.poll.records.',
  }),
  'batch.bytes': int({
    default: 4_194_304,
    min: 1,
    importance: 'low',
    group: 'Writes',
    doc: 'The most bytes of line protocol in a request, before compression. A longer point goes by itself; what the server finds too large is divided.',
  }),
  'max.concurrent.requests': int({
    default: 2,
    min: 1,
    max: 64,
    importance: 'low',
    group: 'Writes',
    doc: 'How many requests may be under way at a time, if there are records for more than one. All of them are over before those of the next records begin.',
  }),
  ...tlsKeys(TLS_PREFIX),
} as const;

export type InfluxConfig = Config<typeof config>;
