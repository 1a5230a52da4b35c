import { ConfigError, DataError, messageOf, type Props, type ReportError, type SinkRecord } from '@tributary/api';
import { tlsOptions } from '@tributary/api/tls';
import { type FieldReader, fieldReader, parseFieldPath, tableName } from '@tributary/sink-kit';
import { type InfluxConfig, TLS_PREFIX } from './config.ts';
import type { Target } from './http/destinations.ts';
import type { ServerOptions } from './http/server.ts';
import { reservedField, reservedTag } from './line/escape.ts';
import { DIGITS, type TimeUnit, timestampText } from './line/timestamp.ts';
import type { ToldType, ToldTypes } from './point/field-text.ts';
import { Fields } from './point/fields.ts';
import { Measurements, type NameFormat, parseNameFormat } from './point/measurement.ts';
import { Points } from './point/points.ts';
import { namesIn, parseSelectors, placeOf, type Selector } from './point/selectors.ts';
import { Tags } from './point/tags.ts';

/**
 * What a config means, ready for use. Lists of fields are read from the text: as lists they were divided at commas in quotes, too.
 */
export interface Settings {
  readonly server: ServerOptions;
  readonly target: Target;
  /** The name of the bucket or the database for the records of a topic. */
  readonly nameFor: (topic: string) => string;
  readonly points: Points;
  /** The most points and bytes of a request, and how many requests are under way at a time. */
  readonly requests: { readonly count: number; readonly bytes: number; readonly concurrent: number };
  readonly tombstones: 'ignore' | 'fail';
  /** What becomes of points that are older than what the bucket keeps. */
  readonly expired: 'refuse' | 'skip';
}

/** @param report takes what is wrong, by key @returns null if something is */
export function settingsOf(config: InfluxConfig, props: Props, report: ReportError): Settings | null {
  let faulty = false;
  const wrong: ReportError = (key, message) => {
    faulty = true;
    report(key, message);
  };
  const attempt = <T>(key: string, make: () => T): T | undefined => {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof ConfigError || error instanceof DataError)) throw error;
      wrong(key, messageOf(error));
      return undefined;
    }
  };
  const target = targetOf(config, wrong);
  const server = attempt('influxdb.ssl.truststore.location', () => serverOf(config, target, props, wrong));
  const points = pointsOf(config, props, attempt, wrong);
  if (faulty || !server || !points) return null;
  return {
    server,
    target,
    nameFor: (topic) => tableName(target.name, topic),
    points,
    requests: {
      count: config['batch.size'],
      bytes: config['batch.bytes'],
      concurrent: config['max.concurrent.requests'],
    },
    tombstones: config['behavior.on.null.values'],
    expired: config['expired.points'],
  };
}

type Attempt = <T>(key: string, make: () => T) => T | undefined;

function targetOf(config: InfluxConfig, wrong: ReportError): Target {
  const bucket = config['influxdb.bucket'] || null;
  const database = config['influxdb.database'] || config['influxdb.db'] || null;
  if (bucket === null && database === null)
    wrong('influxdb.bucket', 'Set influxdb.bucket, or influxdb.database for InfluxDB 1 and stores with its /write');
  if (bucket !== null && database !== null)
    wrong('influxdb.database', 'Set either influxdb.bucket or influxdb.database: a point is written to one place');
  return {
    kind: bucket === null ? 'database' : 'bucket',
    name: bucket ?? database ?? '',
    org: bucket === null ? null : config['influxdb.org'] || null,
    retentionPolicy: config['influxdb.retention.policy'] || null,
    consistency: config['influxdb.consistency.level'],
    precision: writtenPrecision(config),
  };
}

/**
 * InfluxDB 1 calls microseconds `u`, which the /write of InfluxDB 2 takes for nanoseconds without a word, and other stores know one or the
 * other name: so they are written as nanoseconds there.
 */
function writtenPrecision(config: InfluxConfig): TimeUnit {
  const precision = config['timestamp.precision'];
  return precision === 'us' && !config['influxdb.bucket'] ? 'ns' : precision;
}

function serverOf(config: InfluxConfig, target: Target, props: Props, wrong: ReportError): ServerOptions {
  const url = serverUrl(config['influxdb.url'], wrong);
  const name = config['influxdb.username'];
  if (name !== null && target.kind === 'bucket')
    wrong('influxdb.username', 'Buckets are written to with influxdb.token; a user name is for influxdb.database');
  return {
    url,
    token: config['influxdb.token']?.reveal() ?? null,
    user: name === null ? null : { name, password: config['influxdb.password']?.reveal() ?? '' },
    gzip: config.gzip || config['influxdb.gzip.enable'],
    timeoutMs: config['request.timeout.ms'],
    tls: url.startsWith('https:') ? tlsOptions(props, TLS_PREFIX) : {},
  };
}

/** Without what the sink adds by itself. */
function serverUrl(text: string, wrong: ReportError): string {
  const url = URL.parse(text);
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    wrong('influxdb.url', `'${text}' is no URL of InfluxDB: write http://host:8086 or https://host`);
    return '';
  }
  if (url.username || url.password) {
    wrong(
      'influxdb.url',
      'Credentials do not belong into the URL: set influxdb.token, or influxdb.username and influxdb.password',
    );
    return '';
  }
  return url.origin + url.pathname.replace(/(?:\/api\/v2)?(?:\/write)?\/*$/, '');
}

function pointsOf(config: InfluxConfig, props: Props, attempt: Attempt, wrong: ReportError): Points | undefined {
  const misfits = config['unwritable.characters'];
  const separator = config['flatten.separator'];
  const format = attempt('measurement.name.format', () => parseNameFormat(config['measurement.name.format']));
  const tags = attempt('tags', () => tagSelectors(config, props));
  const fields = attempt('fields', () => fieldSelectors(props));
  const time = attempt('timestamp.field', () => timestampSource(config));
  const told = attempt('fields.integer', () => toldTypes(props));
  if (tags && fields) checkNames(tags, fields, wrong);
  if (config['points.unique'] === 'time') checkFreeDigits(config, wrong);
  if (!format || !tags || !fields || !time || !told) return undefined;
  const madeTags = attempt('tags', () => new Tags({ selectors: tags, misfits, separator }));
  if (!madeTags) return undefined;
  return new Points({
    measurements: new Measurements(format, misfits),
    tags: madeTags,
    fields: new Fields({
      selectors: fields,
      used: usedPlaces(format, tags, fields, time.place),
      misfits,
      separator,
      told,
      decimals: config['decimal.format'],
      bytes: config['bytes.format'],
      arrays: config['array.format'],
    }),
    timestamp: timestampText({
      unit: time.unit,
      precision: config['timestamp.precision'],
      written: writtenPrecision(config),
      source: time.source,
    }),
    timestampOf: time.read,
    offsetInTime: config['points.unique'] === 'time',
    empty: config['empty.points'],
  });
}

function tagSelectors(config: InfluxConfig, props: Props): readonly Selector[] {
  const selectors = parseSelectors(props['tags'] ?? '');
  if (config['points.unique'] !== 'sequence_tag') return selectors;
  // Those of the record in Kafka, whatever transforms made of it: only they are of no other record.
  const sequence = [
    sequenceTag('__partition', (record) => record.originalPartition),
    sequenceTag('__offset', (record) => record.originalOffset),
  ];
  return [...selectors.filter(({ name }) => name !== '__partition' && name !== '__offset'), ...sequence];
}

function sequenceTag(name: '__partition' | '__offset', read: (record: SinkRecord) => number): Selector {
  const path = parseFieldPath(name);
  return { text: name, path, place: placeOf(path), spread: false, name, reader: { ...fieldReader(name), read } };
}

function fieldSelectors(props: Props): readonly Selector[] {
  const selectors = parseSelectors(props['fields'] ?? 'value.*');
  if (selectors.length === 0)
    throw new ConfigError('A point needs a field: name some, or leave fields out for all of the value');
  return selectors;
}

function checkNames(tags: readonly Selector[], fields: readonly Selector[], wrong: ReportError): void {
  const taken = new Map<string, string>();
  for (const [key, selectors, reserved] of [
    ['tags', tags, reservedTag],
    ['fields', fields, reservedField],
  ] as const) {
    for (const { spread, name, text } of selectors) {
      if (spread) continue;
      const problem = reserved(name);
      if (problem) wrong(key, `'${text}': ${problem}`);
      const other = taken.get(name);
      if (other !== undefined)
        wrong(key, `'${text}' and '${other}' would both be called '${name}': rename one with AS`);
      taken.set(name, text);
    }
  }
}

interface TimestampSource {
  readonly read: (record: SinkRecord) => unknown;
  readonly unit: TimeUnit;
  /** For messages. */
  readonly source: string;
  readonly place: string | null;
}

function timestampSource(config: InfluxConfig): TimestampSource {
  const path = config['timestamp.field'] || config['event.time.fieldname'];
  if (!path) return { read: ({ timestamp }) => timestamp, unit: 'ms', source: "The record's timestamp", place: null };
  const reader: FieldReader = fieldReader(path);
  return {
    read: reader.read,
    unit: config['timestamp.unit'],
    source: `The timestamp (timestamp.field=${path})`,
    place: placeOf(parseFieldPath(path)),
  };
}

function checkFreeDigits(config: InfluxConfig, wrong: ReportError): void {
  const unit = config['timestamp.field'] || config['event.time.fieldname'] ? config['timestamp.unit'] : 'ms';
  const precision = config['timestamp.precision'];
  if (DIGITS[precision] > DIGITS[unit]) return;
  wrong(
    'points.unique',
    `points.unique=time needs digits below those of the time, and there are none: the time is in ${unit} and timestamp.precision is ${precision}; use sequence_tag`,
  );
}

const TOLD = ['integer', 'unsigned', 'float', 'string'] as const satisfies readonly ToldType[];

function toldTypes(props: Props): ToldTypes {
  const types = new Map<string, ToldType>();
  for (const type of TOLD) {
    for (const name of namesIn(props[`fields.${type}`] ?? '')) {
      const other = types.get(name);
      if (other !== undefined)
        throw new ConfigError(`'${name}' stands in fields.${other} and in fields.${type}: a field has one type`);
      types.set(name, type);
    }
  }
  const numbers = types.get('*') ?? null;
  types.delete('*');
  return { named: types, numbers };
}

/** What `.*` does not take. */
function usedPlaces(
  format: NameFormat,
  tags: readonly Selector[],
  fields: readonly Selector[],
  timestamp: string | null,
): ReadonlySet<string> {
  const selected = [...tags, ...fields.filter(({ spread }) => !spread)].map(({ place }) => place);
  return new Set([...format.places, ...selected, ...(timestamp === null ? [] : [timestamp])]);
}
