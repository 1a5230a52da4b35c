import { isContainer, isDecimal, type SinkRecord } from '@tributary/api';
import { Votes } from '@tributary/sink-kit';

/** What InfluxDB tells apart of values without a schema: all numbers are floats, arrays are text. */
type Kind = 'number' | 'boolean' | 'text';

interface OfRecords {
  readonly records: readonly SinkRecord[];
}

/**
 * The points in an order in which those come last that have a value of another kind in a field than most: the first value that InfluxDB stores of a
 * field decides on its type, and one odd record at the beginning would have all others refused. Where schemas say what values are, that is left
 * to them.
 */
export function usualFirst<P extends OfRecords>(points: readonly P[]): readonly P[] {
  const first = new Map<string, Kind>();
  const mixed = new Set<string>();
  let last: Shape | null = null;
  for (const { records } of points) {
    for (const { value, valueSchema } of records) {
      if (valueSchema !== null || (last !== null && hasShape(value, last))) continue;
      last = shapeOf(value);
      eachField(value, '', (field, kind) => {
        const known = first.get(field);
        if (known === undefined) first.set(field, kind);
        else if (known !== kind) mixed.add(field);
      });
    }
  }
  return mixed.size === 0 ? points : oddLast(points, mixed);
}

/** The fields of a record that was looked at. Most look as the one before: then there is nothing new to learn. */
interface Shape {
  readonly names: readonly string[];
  readonly types: readonly string[];
}

const SIMPLE: ReadonlySet<string> = new Set(['number', 'bigint', 'boolean', 'string']);

/** Null: it is for a closer look each time. */
function shapeOf(value: unknown): Shape | null {
  if (!isContainer(value) || isDecimal(value) || value instanceof Map) return null;
  const names = Object.keys(value);
  const types = Object.values(value).map((item) => (item === null ? 'null' : typeof item));
  return types.every((type) => type === 'null' || SIMPLE.has(type)) ? { names, types } : null;
}

function hasShape(value: unknown, { names, types }: Shape): boolean {
  if (typeof value !== 'object' || value === null) return false;
  let i = 0;
  for (const name in value) {
    if (name !== names[i]) return false;
    const item = (value as Record<string, unknown>)[name];
    if (item !== null && typeof item !== types[i]) return false;
    i++;
  }
  return true;
}

function oddLast<P extends OfRecords>(points: readonly P[], mixed: ReadonlySet<string>): readonly P[] {
  const votes = new Votes<Kind>();
  for (const point of points) eachMixed(point, mixed, (field, kind) => votes.add(field, kind));
  const usual = votes.result();
  const isOdd = (point: P): boolean => {
    let odd = false;
    eachMixed(point, mixed, (field, kind) => {
      if (usual.get(field) !== kind) odd = true;
    });
    return odd;
  };
  const odd = new Set(points.filter(isOdd));
  return [...points.filter((point) => !odd.has(point)), ...odd];
}

function eachMixed(
  { records }: OfRecords,
  mixed: ReadonlySet<string>,
  take: (field: string, kind: Kind) => void,
): void {
  for (const { value, valueSchema } of records) {
    if (valueSchema !== null) continue;
    eachField(value, '', (field, kind) => {
      if (mixed.has(field)) take(field, kind);
    });
  }
}

/** @param prefix the names of what the value stands in, told apart by a character that ends none */
function eachField(value: unknown, prefix: string, take: (field: string, kind: Kind) => void): void {
  if (!isContainer(value) || isDecimal(value) || value instanceof Map) return;
  for (const name of Object.keys(value)) {
    const item = (value as Record<string, unknown>)[name];
    const field = prefix + name;
    switch (typeof item) {
      case 'number':
      case 'bigint':
        take(field, 'number');
        break;
      case 'boolean':
        take(field, 'boolean');
        break;
      case 'string':
        take(field, 'text');
        break;
      case 'object':
        if (Array.isArray(item)) take(field, 'text');
        else if (item !== null) eachField(item, `${field}\n`, take);
    }
  }
}
