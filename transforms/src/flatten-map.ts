import { DataError, describeValue, isDecimal } from '@tributary/api';
import { checkLength, type FlattenRules, joined } from './flatten-rules.ts';
import { jsonText } from './json-text.ts';
import type { Plain } from './side.ts';
import { mapOf } from './struct.ts';

type AnyMap = Plain | ReadonlyMap<unknown, unknown>;

/** A schemaless map with what its maps hold on one level. @throws DataError for a value that Connect has no type for without a schema */
export function flattenMap(map: AnyMap, rules: FlattenRules): AnyMap {
  const flat = new Map<string, unknown>();
  addMap(map, '', flat, rules);
  return mapOf([...flat]);
}

function addMap(map: AnyMap, prefix: string, flat: Map<string, unknown>, rules: FlattenRules): void {
  for (const [key, value] of map instanceof Map ? map : Object.entries(map)) {
    if (typeof key !== 'string')
      throw new DataError(`Flatten transformation needs text as keys of maps, found: ${describeValue(key)}`);
    add(joined(prefix, key, rules), value, flat, rules);
  }
}

function add(name: string, value: unknown, flat: Map<string, unknown>, rules: FlattenRules): void {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) flat.set(name, value ?? null);
  else if (Array.isArray(value)) addArray(name, value, flat, rules);
  else if (value instanceof Date || isDecimal(value)) {
    throw new DataError(
      `Flatten transformation was passed ${describeValue(value)} for field ${name}, which is not supported by Connect's data API without a schema`,
    );
  } else addMap(value as AnyMap, name, flat, rules);
}

function addArray(name: string, items: readonly unknown[], flat: Map<string, unknown>, rules: FlattenRules): void {
  if (rules.arrays === 'keep') flat.set(name, items);
  else if (rules.arrays === 'json') flat.set(name, jsonText(null, items));
  else {
    checkLength(name, items, rules);
    for (const [i, item] of items.entries()) add(joined(name, String(i), rules), item, flat, rules);
  }
}
