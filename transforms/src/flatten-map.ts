import { DataError, describeValue, isDecimal } from '@tributary/api';
import { checkLength, type FlattenRules, joined } from './flatten-rules.ts';
import { jsonText } from './json-text.ts';
import type { Plain } from './side.ts';
import { isPlainKey } from './struct.ts';

type AnyMap = Plain | ReadonlyMap<unknown, unknown>;

/** A schemaless map with what its maps hold on one level. @throws DataError for a value that Connect has no type for without a schema */
export function flattenMap(map: AnyMap, rules: FlattenRules): AnyMap {
  const flat = new FlatMap();
  addMap(map, '', flat, rules);
  return flat.entries;
}

/** A plain object as long as that keeps the keys in their places, a Map from there on. */
class FlatMap {
  entries: Record<string, unknown> | Map<unknown, unknown> = {};

  set(name: string, value: unknown): void {
    if (!(this.entries instanceof Map) && !isPlainKey(name)) this.entries = new Map(Object.entries(this.entries));
    if (this.entries instanceof Map) this.entries.set(name, value);
    else this.entries[name] = value;
  }
}

function addMap(map: AnyMap, prefix: string, flat: FlatMap, rules: FlattenRules): void {
  if (!(map instanceof Map)) {
    for (const key of Object.keys(map)) add(joined(prefix, key, rules), (map as Plain)[key], flat, rules);
    return;
  }
  for (const [key, value] of map) {
    if (typeof key !== 'string')
      throw new DataError(`Flatten transformation needs text as keys of maps, found: ${describeValue(key)}`);
    add(joined(prefix, key, rules), value, flat, rules);
  }
}

function add(name: string, value: unknown, flat: FlatMap, rules: FlattenRules): void {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) flat.set(name, value ?? null);
  else if (Array.isArray(value)) addArray(name, value, flat, rules);
  else if (value instanceof Date || isDecimal(value)) {
    throw new DataError(
      `Flatten transformation was passed ${describeValue(value)} for field ${name}, which is not supported by Connect's data API without a schema`,
    );
  } else addMap(value as AnyMap, name, flat, rules);
}

function addArray(name: string, items: readonly unknown[], flat: FlatMap, rules: FlattenRules): void {
  if (rules.arrays === 'keep') flat.set(name, items);
  else if (rules.arrays === 'json') flat.set(name, jsonText(null, items));
  else {
    checkLength(name, items, rules);
    for (const [i, item] of items.entries()) add(joined(name, String(i), rules), item, flat, rules);
  }
}
