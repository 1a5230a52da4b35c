import { ConfigError, DataError, formatDecimal, isDecimal, type SinkRecord } from '@tributary/api';
import { type FieldReader, fieldReader, parseFieldPath } from '@tributary/sink-kit';
import { escapeMeasurement } from '../line/escape.ts';
import type { MisfitPolicy } from '../line/misfit.ts';
import { placeOf } from './selectors.ts';

type Part = string | FieldReader;

/** `trades_${topic}_${value.kind}`: text, and between it the topic or any field of the record. */
export interface NameFormat {
  readonly parts: readonly Part[];
  /** The places in records that it takes. */
  readonly places: readonly string[];
}

/** @throws ConfigError for a reference that cannot be read */
export function parseNameFormat(format: string): NameFormat {
  const places: string[] = [];
  const parts = format.split(/(\$\{[^}]*\})/).flatMap((part): Part[] => {
    if (part === '') return [];
    const reference = /^\$\{(.*)\}$/.exec(part)?.[1];
    if (reference === undefined) return [part];
    const path = reference === 'topic' ? '__topic' : reference;
    const parsed = parseFieldPath(path);
    places.push(placeOf(parsed));
    return [fieldReader(path)];
  });
  if (parts.length === 0) throw new ConfigError('The format of a name is empty');
  return { parts, places };
}

/** The name that a format makes of a record. @throws DataError if a part of it is missing, or is no text or number */
export function nameOf({ parts }: NameFormat, record: SinkRecord, key: string): string {
  let name = '';
  for (const part of parts) name += typeof part === 'string' ? part : partText(part, record, key);
  return name;
}

function partText(reader: FieldReader, record: SinkRecord, key: string): string {
  const value = reader.read(record);
  if (typeof value === 'string' && value !== '') return value;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (isDecimal(value)) return formatDecimal(value);
  throw new DataError(
    `${key} takes \${${reader.path}}, which is ${value === undefined ? 'missing' : value === null ? 'null' : value === '' ? 'empty' : 'no text or number'} in this record`,
  );
}

/** Names are kept up to here. */
const MAX_KEPT = 10_000;

/** The escaped names of measurements. */
export class Measurements {
  readonly #format: NameFormat;
  readonly #misfits: MisfitPolicy;
  readonly #escaped = new Map<string, string>();

  constructor(format: NameFormat, misfits: MisfitPolicy) {
    this.#format = format;
    this.#misfits = misfits;
  }

  /** @throws DataError for what cannot be written */
  text(record: SinkRecord): string {
    const name = nameOf(this.#format, record, 'measurement.name.format');
    const known = this.#escaped.get(name);
    if (known !== undefined) return known;
    const escaped = escapeMeasurement(name, this.#misfits);
    if (this.#escaped.size >= MAX_KEPT) this.#escaped.clear();
    this.#escaped.set(name, escaped);
    return escaped;
  }
}
