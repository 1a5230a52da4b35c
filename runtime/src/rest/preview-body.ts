import { isPlainObject, type Props } from '@tributary/api';
import type { RawHeader, RecordRead } from '../broker/port.ts';
import { BadRequestError } from '../herder/errors.ts';
import { configBody } from './body.ts';

/** How many records one request may carry. */
export const MAX_RECORDS = 1_000;
/** How many mistakes one answer tells of. */
const MAX_PROBLEMS = 20;

export type Direction = 'sink' | 'source';

export interface PreviewRequest {
  /** The config without `direction`. */
  readonly props: Props;
  readonly direction: Direction;
  readonly records: readonly RecordRead[];
}

const BODY_FIELDS = ['config', 'records'];
const RECORD_FIELDS = ['topic', 'partition', 'offset', 'timestamp', 'key', 'value', 'headers'];
const HEADER_FIELDS = ['key', 'value'];
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const isAbsent = (value: unknown): value is null | undefined => value === null || value === undefined;

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}

/** Collects what is wrong, with the place of each. */
class Problems {
  readonly all: string[] = [];

  add(place: string, what: string): void {
    this.all.push(`${place} ${what}`);
  }

  unknown(place: string, object: object, known: readonly string[]): void {
    for (const field of Object.keys(object)) {
      if (known.includes(field)) continue;
      const names = known.map((name) => `"${name}"`).join(', ');
      this.add(place, `has the unknown field ${JSON.stringify(field.slice(0, 100))}, the known ones are: ${names}`);
    }
  }

  /** @throws BadRequestError if there are any */
  check(): void {
    if (this.all.length === 0) return;
    const more = this.all.length - MAX_PROBLEMS;
    throw new BadRequestError(
      [...this.all.slice(0, MAX_PROBLEMS), ...(more > 0 ? [`and ${more} more`] : [])].join('\n'),
    );
  }
}

/** Text, or `{"base64": ...}`, as bytes. */
function bytesOf(value: unknown, place: string, problems: Problems): Buffer | null {
  if (isAbsent(value)) return null;
  if (typeof value === 'string') {
    if (!value.isWellFormed()) problems.add(place, 'has half a surrogate pair, which has no UTF-8');
    return Buffer.from(value);
  }
  if (!isPlainObject(value) || Object.keys(value).join() !== 'base64') {
    const hint =
      typeof value === 'object' || typeof value === 'number' || typeof value === 'boolean'
        ? '. JSON for a JsonConverter is given as text too, such as "{\\"a\\":1}"'
        : '';
    problems.add(place, `is ${shown(value)}, but must be text, {"base64": "..."} or null${hint}`);
    return null;
  }
  const { base64 } = value;
  if (typeof base64 !== 'string' || !BASE64.test(base64)) {
    problems.add(`${place}.base64`, `is ${shown(base64)}, which is not base64`);
    return null;
  }
  return Buffer.from(base64, 'base64');
}

function integer(value: unknown, place: string, fallback: number, maximum: number, problems: Problems): number {
  if (isAbsent(value)) return fallback;
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= maximum) return value as number;
  problems.add(place, `is ${shown(value)}, but must be a whole number from 0 to ${maximum}, or null`);
  return fallback;
}

function headersOf(value: unknown, place: string, problems: Problems): readonly RawHeader[] {
  if (isAbsent(value)) return [];
  if (!Array.isArray(value)) {
    problems.add(place, `is ${shown(value)}, but must be an array of {"key", "value"}`);
    return [];
  }
  return value.map((header: unknown, i) => {
    const at = `${place}[${i}]`;
    if (!isPlainObject(header)) {
      problems.add(at, `is ${shown(header)}, but must be an object with "key" and "value"`);
      return { key: '', value: null };
    }
    problems.unknown(at, header, HEADER_FIELDS);
    const { key } = header;
    if (typeof key !== 'string' || !key.isWellFormed()) problems.add(`${at}.key`, `is ${shown(key)}, but must be text`);
    return { key: String(key), value: bytesOf(header['value'], `${at}.value`, problems) };
  });
}

function recordOf(json: unknown, i: number, direction: Direction, problems: Problems): RecordRead | undefined {
  const place = `records[${i}]`;
  if (!isPlainObject(json)) {
    problems.add(place, `is ${shown(json)}, but must be an object with "topic", "key", "value" ...`);
    return undefined;
  }
  problems.unknown(place, json, RECORD_FIELDS);
  const { topic } = json;
  if (typeof topic !== 'string' || topic === '') {
    problems.add(
      `${place}.topic`,
      topic === undefined ? 'is missing' : `is ${shown(topic)}, but must be a topic's name`,
    );
  }
  const timestamp = integer(json['timestamp'], `${place}.timestamp`, -1, Number.MAX_SAFE_INTEGER, problems);
  return {
    topic: String(topic),
    partition: integer(json['partition'], `${place}.partition`, direction === 'sink' ? 0 : -1, 2 ** 31 - 1, problems),
    offset: integer(json['offset'], `${place}.offset`, i, Number.MAX_SAFE_INTEGER, problems),
    timestamp,
    timestampType: timestamp < 0 ? 'NoTimestampType' : 'CreateTime',
    key: bytesOf(json['key'], `${place}.key`, problems),
    value: bytesOf(json['value'], `${place}.value`, problems),
    headers: headersOf(json['headers'], `${place}.headers`, problems),
  };
}

function directionOf(value: string | undefined): Direction {
  const direction = value?.trim().toLowerCase() ?? 'sink';
  if (direction === 'sink' || direction === 'source') return direction;
  throw new BadRequestError(`The config: "direction" is ${shown(value)}, but must be sink or source`);
}

/** The body of POST /ext/preview. @throws BadRequestError that names each record and field with a mistake */
export function previewBody(json: unknown): PreviewRequest {
  if (!isPlainObject(json)) throw new BadRequestError('The body must be a JSON object with "config" and "records"');
  const problems = new Problems();
  problems.unknown('The body', json, BODY_FIELDS);
  const { direction: given, ...props } = configBody(json['config'], 'The "config"');
  const direction = directionOf(given);
  const { records } = json;
  if (!Array.isArray(records)) {
    problems.add(
      '"records"',
      `is ${records === undefined ? 'missing' : shown(records)}, but must be an array of records`,
    );
    problems.check();
    return { props, direction, records: [] };
  }
  if (records.length > MAX_RECORDS) {
    throw new BadRequestError(
      `"records" has ${records.length} records, but a preview takes ${MAX_RECORDS} at most: send a part of them`,
    );
  }
  const read = records.map((record: unknown, i) => recordOf(record, i, direction, problems));
  problems.check();
  return { props, direction, records: read as RecordRead[] };
}
