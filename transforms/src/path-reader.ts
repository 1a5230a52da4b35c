import { fieldOf, getField, isDecimal, Schema } from '@tributary/api';
import { JsonSyntaxError, parseJson } from '@tributary/api/json';
import type { PathStep } from './json-path.ts';
import { nullOf } from './struct.ts';

/** Stands for a value that is not there. */
export const MISSING = Symbol('missing');

export interface PathRules {
  readonly steps: readonly PathStep[];
  readonly parseJson: boolean;
  readonly replaceNull: boolean;
}

/** What reads the value at a path in values of one schema. */
export interface PathReader {
  /** Of the value that is read; null where it has none, as JSON inside of text. */
  readonly schema: Schema | null;
  /** @returns {@link MISSING} where the path leads nowhere */
  read(value: unknown): unknown;
}

/** Follows the rest of a path through values without a schema. */
function follow(value: unknown, { steps, parseJson: intoText }: PathRules, from: number): unknown {
  let current = value;
  for (let i = from; i < steps.length; i++) {
    if (typeof current === 'string' && intoText) current = json(current);
    current = into(current, steps[i]!);
    if (current === undefined) return MISSING;
  }
  return current;
}

function into(value: unknown, step: PathStep): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return typeof step === 'number' ? value.at(step) : undefined;
  if (value instanceof Date || value instanceof Uint8Array || isDecimal(value)) return undefined;
  if (value instanceof Map && value.has(step)) return value.get(step);
  return getField(value, String(step));
}

/** What the text holds; undefined if it is no JSON. */
function json(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    return undefined;
  }
}

const plain =
  (rules: PathRules, from: number): PathReader['read'] =>
  (value) =>
    follow(value, rules, from);

/** @param schema of the values; null for schemaless ones */
export function pathReader(schema: Schema | null, rules: PathRules): PathReader {
  return schema === null ? { schema: null, read: plain(rules, 0) } : typed(schema, rules, 0, schema.optional);
}

const missing: PathReader = { schema: null, read: () => MISSING };

/** @param optional whether the value may be null or missing for what is above it */
function typed(schema: Schema, rules: PathRules, at: number, optional: boolean): PathReader {
  const step = rules.steps[at];
  if (step === undefined)
    return {
      schema: optional && !schema.optional ? Schema.with(schema, { optional: true }) : schema,
      read: (value) => value,
    };
  const goOn = (inner: PathReader, get: (value: object) => unknown): PathReader => ({
    ...inner,
    read(value) {
      if (typeof value !== 'object' || value === null) return MISSING;
      const next = get(value);
      return next === undefined ? MISSING : inner.read(next);
    },
  });
  switch (schema.type) {
    case 'struct': {
      const field = fieldOf(schema, String(step));
      if (!field) return missing;
      const forNull = nullOf(field.schema, rules.replaceNull);
      const inner = typed(field.schema, rules, at + 1, optional || field.schema.optional);
      return goOn(inner, (struct) => getField(struct, field.name) ?? forNull);
    }
    case 'array':
      if (typeof step !== 'number') return missing;
      return goOn(typed(schema.valueSchema!, rules, at + 1, true), (array) => (array as unknown[]).at(step));
    case 'map':
      return goOn(typed(schema.valueSchema!, rules, at + 1, true), (map) => into(map, step));
    case 'string':
      if (!rules.parseJson) return missing;
      return { schema: null, read: plain(rules, at) };
    default:
      return missing;
  }
}
