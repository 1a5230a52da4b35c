import { isUtf8 } from 'node:buffer';
import { ConfigError, DataError, LruCache, messageOf, type Schema, type SchemaAndValue } from '@tributary/api';
import {
  type Decode,
  hasDecimals,
  hasDoubtfulKeys,
  JsonSyntaxError,
  NEEDS_EXACT,
  nodeField,
  parseExactJson,
  parseJson,
} from '@tributary/api/json';
import { compileDecoder, type DecodeOptions } from './json-decode.ts';
import { schemaFromJson, schemaToJson } from './json-schema.ts';

export interface JsonReaderOptions extends DecodeOptions {
  readonly schemasEnable: boolean;
  readonly cacheSize: number;
  /** The JSON of the one schema of all messages, or null. */
  readonly schemaContent: string | null;
}

interface Compiled {
  readonly schema: Schema | null;
  readonly decode: Decode;
  /** Whether JSON.parse would lose what the schema asks for: always with decimals, and once it has been so. */
  exact: boolean;
}

/** A message's beginning, up to the payload, as it was seen before. */
interface Beginning {
  readonly bytes: Buffer;
  readonly compiled: Compiled;
}

const NOTHING: SchemaAndValue = Object.freeze({ schema: null, value: null });
const BEGINNINGS = 8;
const BLANK = /^[ \t\r\n]*$/;
const CLOSING_BRACE = 0x7d;
const ENVELOPE = /^[ \t\r\n]*\{[ \t\r\n]*"schema"[ \t\r\n]*:[ \t\r\n]*(?=\{)/;
const PAYLOAD = /[ \t\r\n]*,[ \t\r\n]*"payload"[ \t\r\n]*:[ \t\r\n]*/y;

/**
 * Reads JSON bytes. Messages of a topic begin with the same schema again and again, so a beginning that was parsed once is
 * recognised by its bytes, and only the payload is parsed.
 */
export class JsonReader {
  readonly #options: JsonReaderOptions;
  /** By the schema's text in the writer's spelling, so that each schema is one object however it is spelt. */
  readonly #schemas: LruCache<string, Compiled>;
  /** Schemas by their text as read. */
  readonly #spellings: LruCache<string, Compiled>;
  readonly #beginnings: Beginning[] = [];
  readonly #given: Compiled | null;

  /** @throws ConfigError if `schemaContent` is not a schema */
  constructor(options: JsonReaderOptions) {
    this.#options = options;
    this.#schemas = new LruCache(options.cacheSize);
    this.#spellings = new LruCache(options.cacheSize);
    const content = options.schemaContent?.trim() ?? '';
    // As in Kafka, a schema that is none is refused also where it is not used.
    const given = content === '' || content === 'null' ? null : this.#fromContent(content);
    this.#given = options.schemasEnable ? given : null;
  }

  /** @throws DataError */
  read(bytes: Uint8Array | null): SchemaAndValue {
    if (bytes === null) return NOTHING;
    const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (this.#given) return this.#payload(this.#given, textOf(buffer));
    if (!this.#options.schemasEnable) return this.#schemaless(buffer);
    return this.#known(buffer) ?? this.#envelope(textOf(buffer));
  }

  #schemaless(buffer: Buffer): SchemaAndValue {
    const text = textOf(buffer);
    if (BLANK.test(text)) return NOTHING;
    try {
      return { schema: null, value: parseJson(text) };
    } catch (error) {
      throw notJson(error, text);
    }
  }

  #payload(compiled: Compiled, text: string): SchemaAndValue {
    try {
      return decode(compiled, text);
    } catch (error) {
      throw error instanceof JsonSyntaxError ? notJson(error, text) : error;
    }
  }

  /** The message if its beginning was seen before. Undefined also if it turns out to go on in another way. */
  #known(buffer: Buffer): SchemaAndValue | undefined {
    const last = buffer.length - 1;
    if (buffer[last] !== CLOSING_BRACE) return undefined;
    for (let i = 0; i < this.#beginnings.length; i++) {
      const beginning = this.#beginnings[i]!;
      const length = beginning.bytes.length;
      if (length > last || beginning.bytes.compare(buffer, 0, length) !== 0) continue;
      if (i > 0) {
        this.#beginnings.splice(i, 1);
        this.#beginnings.unshift(beginning);
      }
      const text = buffer.toString('utf8', length, last);
      if (text.includes('\ufffd') && !isUtf8(buffer)) return undefined;
      try {
        return decode(beginning.compiled, text);
      } catch (error) {
        if (error instanceof JsonSyntaxError) return undefined;
        throw error;
      }
    }
    return undefined;
  }

  #envelope(text: string): SchemaAndValue {
    const begin = ENVELOPE.exec(text)?.[0].length;
    const end = begin === undefined ? undefined : endOfObject(text, begin);
    if (begin !== undefined && end !== undefined) {
      PAYLOAD.lastIndex = end;
      if (PAYLOAD.test(text)) return this.#inOrder(text, begin, end, PAYLOAD.lastIndex);
    }
    return this.#anyOrder(text);
  }

  #inOrder(text: string, begin: number, end: number, payloadAt: number): SchemaAndValue {
    const trimmed = text.trimEnd();
    if (!trimmed.endsWith('}') || !BLANK.test(text.slice(trimmed.length))) return this.#anyOrder(text);
    const payload = trimmed.slice(payloadAt, -1);
    try {
      const compiled = this.#compiled(text.slice(begin, end));
      parseExactJson(payload, false);
      this.#beginnings.unshift({ compiled, bytes: Buffer.from(text.slice(0, payloadAt)) });
      this.#beginnings.length = Math.min(this.#beginnings.length, BEGINNINGS);
      return decode(compiled, payload);
    } catch (error) {
      if (error instanceof JsonSyntaxError) return this.#anyOrder(text);
      throw error;
    }
  }

  /** The way that accepts every message and finds every error. */
  #anyOrder(text: string): SchemaAndValue {
    let node: unknown;
    try {
      node = parseExactJson(text, false);
    } catch (error) {
      throw notJson(error, text);
    }
    const schemaNode = nodeField(node, 'schema');
    const size = node instanceof Map ? node.size : Object.keys((node as object | null) ?? {}).length;
    if (size !== 2 || schemaNode === undefined || nodeField(node, 'payload') === undefined) {
      throw new DataError(
        'JsonConverter with schemas.enable requires "schema" and "payload" fields and may not contain additional fields.' +
          ' If you are trying to deserialize plain JSON data, set schemas.enable=false in your converter configuration.',
      );
    }
    if (schemaNode === null) return { schema: null, value: nodeField(node, 'payload') ?? null };
    const exact = parseExactJson(text, true);
    const { schema, decode } = this.#intern(schemaFromJson(nodeField(exact, 'schema'), this.#options));
    return { schema, value: decode(nodeField(exact, 'payload'), true) };
  }

  #compiled(schemaText: string): Compiled {
    let compiled = this.#spellings.get(schemaText);
    if (!compiled) {
      compiled = this.#intern(schemaFromJson(parseExactJson(schemaText, true), this.#options));
      this.#spellings.set(schemaText, compiled);
    }
    return compiled;
  }

  #intern(schema: Schema): Compiled {
    const text = schemaToJson(schema, { ...this.#options, decimalFormat: 'NUMERIC' });
    let compiled = this.#schemas.get(text);
    if (!compiled) {
      compiled = { schema, decode: compileDecoder(schema, this.#options), exact: hasDecimals(schema) };
      this.#schemas.set(text, compiled);
    }
    return compiled;
  }

  #fromContent(content: string): Compiled {
    try {
      return this.#compiled(content);
    } catch (error) {
      throw new ConfigError(`Invalid value for configuration schema.content: ${messageOf(error)}`, { cause: error });
    }
  }
}

/** @throws JsonSyntaxError, DataError */
function decode(compiled: Compiled, text: string): SchemaAndValue {
  const { schema } = compiled;
  if (!compiled.exact) {
    try {
      const node: unknown = JSON.parse(text);
      if (!hasDoubtfulKeys(node, text)) return { schema, value: compiled.decode(node, false) };
    } catch (error) {
      // The exact parser has the better words for what is wrong, or finds nothing wrong (leading zeros).
      if (error !== NEEDS_EXACT && !(error instanceof SyntaxError)) throw error;
      compiled.exact = error === NEEDS_EXACT;
    }
  }
  return { schema, value: compiled.decode(parseExactJson(text, true), true) };
}

/** @throws DataError for bytes that are not UTF-8 */
function textOf(buffer: Buffer): string {
  const text = buffer.toString('utf8');
  if (text.includes('\ufffd') && !isUtf8(buffer)) {
    throw new DataError(`Not JSON but binary data (no valid UTF-8). ${remedy(buffer[0] === 0)} ${JAVA_SENTENCE}`);
  }
  // As in Jackson, which looks at four bytes to find the mark.
  return text.startsWith('\ufeff') && buffer.length > 3 ? text.slice(1) : text;
}

const JAVA_SENTENCE = '[Converting byte[] to Kafka Connect data failed due to serialization error]';

const remedy = (magic: boolean): string =>
  magic
    ? 'It begins with a zero byte, as data of a schema registry does: use the converter it was written with.'
    : 'Use the converter it was written with, or org.apache.kafka.connect.converters.ByteArrayConverter.';

function notJson(error: unknown, text: string): DataError {
  const hint = text.startsWith('\0')
    ? ` ${remedy(true)}`
    : /^\s*(?:[[{"]|-?\d+\s*$)/.test(text)
      ? ''
      : ' It looks like plain text: use org.apache.kafka.connect.storage.StringConverter.';
  return new DataError(`Not valid JSON: ${messageOf(error)}.${hint} ${JAVA_SENTENCE}`, { cause: error });
}

/** The index behind the object that begins at `start`, or undefined if it does not end. */
function endOfObject(text: string, start: number): number | undefined {
  let depth = 0;
  const mark = /["{}]/g;
  mark.lastIndex = start;
  for (let match = mark.exec(text); match; match = mark.exec(text)) {
    if (match[0] === '"') {
      const string = /(?:[^"\\]|\\.)*"/y;
      string.lastIndex = mark.lastIndex;
      if (!string.test(text)) return undefined;
      mark.lastIndex = string.lastIndex;
    } else if (match[0] === '{') depth++;
    else if (--depth === 0) return mark.lastIndex;
  }
  return undefined;
}
