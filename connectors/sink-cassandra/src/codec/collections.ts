import { DataError, getField, isContainer, messageOf } from '@tributary/api';
import { parseJson } from '@tributary/api/json';
import type { CqlField } from '../cql/types.ts';
import { type Encode, misfit } from './misfit.ts';

const NULL_LENGTH = Buffer.from([255, 255, 255, 255]);

function int32(value: number): Buffer {
  const buffer = Buffer.allocUnsafe(4);
  buffer.writeInt32BE(value);
  return buffer;
}

/** A part of a collection, with the place of it in the message where it does not fit. */
function part(encode: Encode, value: unknown, place: () => string): Buffer {
  try {
    return encode(value);
  } catch (error) {
    throw new DataError(`${place()}: ${messageOf(error)}`, { cause: error });
  }
}

/** Collections may come as JSON, from records that are text. */
function opened(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return parseJson(value);
  } catch {
    return value;
  }
}

const isNull = (value: unknown): value is null | undefined => value === null || value === undefined;

/** list and set: an array, or a Set. */
export function items(type: 'list' | 'set', encode: Encode): Encode {
  return (value) => {
    const given = opened(value);
    const list = given instanceof Set ? [...given] : given;
    if (!Array.isArray(list)) return misfit(value, type, 'it takes an array');
    const parts = [int32(list.length)];
    list.forEach((item, i) => {
      if (isNull(item)) throw new DataError(`[${i}] is null, which a ${type} cannot hold`);
      const bytes = part(encode, item, () => `[${i}]`);
      parts.push(int32(bytes.length), bytes);
    });
    return Buffer.concat(parts);
  };
}

/** map: an object, or a Map. The keys of objects are text; they are read as the type of the keys. */
export function map(encodeKey: Encode, encodeValue: Encode): Encode {
  return (value) => {
    const given = opened(value);
    if (!isContainer(given)) return misfit(value, 'map', 'it takes a map or an object');
    const entries: ReadonlyArray<readonly [unknown, unknown]> =
      given instanceof Map ? [...given] : Object.entries(given);
    const parts = [int32(entries.length)];
    for (const [key, item] of entries) {
      if (isNull(item) || isNull(key)) throw new DataError(`.${String(key)} is null, which a map cannot hold`);
      const keyBytes = part(encodeKey, key, () => `the key ${String(key)}`);
      const bytes = part(encodeValue, item, () => `.${String(key)}`);
      parts.push(int32(keyBytes.length), keyBytes, int32(bytes.length), bytes);
    }
    return Buffer.concat(parts);
  };
}

/** tuple: an array with as many items at most; those that are missing are null. */
export function tuple(encoders: readonly Encode[]): Encode {
  return (value) => {
    const given = opened(value);
    if (!Array.isArray(given)) return misfit(value, 'tuple', 'it takes an array');
    if (given.length > encoders.length)
      misfit(value, 'tuple', `it has ${encoders.length} items, and this ${given.length}`);
    return members(encoders.map((encode, i) => ({ encode, value: given[i], place: `[${i}]` })));
  };
}

/** A user-defined type: a struct, a map or an object with its fields; those that are missing are null. */
export function userType(name: string, fields: readonly CqlField[], encoders: readonly Encode[]): Encode {
  const known = new Set(fields.map((field) => field.name));
  return (value) => {
    const given = opened(value);
    if (!isContainer(given)) return misfit(value, name, 'it takes a struct or an object');
    const keys: Iterable<unknown> = given instanceof Map ? given.keys() : Object.keys(given);
    for (const key of keys) {
      if (!known.has(String(key)))
        throw new DataError(
          `type ${name} has no field ${String(key)}: add it with ALTER TYPE, or leave it out of the record`,
        );
    }
    return members(
      fields.map((field, i) => ({ encode: encoders[i]!, value: getField(given, field.name), place: `.${field.name}` })),
    );
  };
}

function members(list: ReadonlyArray<{ encode: Encode; value: unknown; place: string }>): Buffer {
  const parts: Buffer[] = [];
  for (const { encode, value, place } of list) {
    if (isNull(value)) {
      parts.push(NULL_LENGTH);
      continue;
    }
    const bytes = part(encode, value, () => place);
    parts.push(int32(bytes.length), bytes);
  }
  return Buffer.concat(parts);
}

/** vector: an array of exactly as many items; those of a type with varying length each have theirs before them. */
export function vector(size: number, encode: Encode, fixedLength: boolean): Encode {
  return (value) => {
    const given = opened(value);
    const list = ArrayBuffer.isView(given) && !(given instanceof DataView) ? Array.from(given as Float32Array) : given;
    if (!Array.isArray(list) || (given instanceof Uint8Array && !Array.isArray(given)))
      return misfit(value, 'vector', 'it takes an array');
    if (list.length !== size) throw new DataError(`a vector of ${size} cannot hold an array of ${list.length}`);
    const parts: Buffer[] = [];
    list.forEach((item, i) => {
      if (isNull(item)) throw new DataError(`[${i}] is null, which a vector cannot hold`);
      const bytes = part(encode, item, () => `[${i}]`);
      if (!fixedLength) parts.push(vint(bytes.length));
      parts.push(bytes);
    });
    return Buffer.concat(parts);
  };
}

/** An unsigned length as Cassandra's VIntCoding writes it: the leading ones of the first byte count the bytes that follow. */
export function vint(value: number): Buffer {
  let extra = 0;
  while (extra < 8 && value >= 2 ** (7 * (extra + 1))) extra++;
  const buffer = Buffer.alloc(extra + 1);
  let rest = value;
  for (let i = extra; i >= 0; i--) {
    buffer[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  buffer[0] = buffer[0]! | ((0xff00 >> extra) & 0xff);
  return buffer;
}
