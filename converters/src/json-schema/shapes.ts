import { DataError } from '@tributary/api';
import { isObjectNode, nodeField } from '@tributary/api/json';
import type { Documents, Located } from './documents.ts';

export type JsonType = 'boolean' | 'integer' | 'number' | 'string' | 'null' | 'array' | 'object';

/** What a JSON Schema is at its core. A schema with several of these is an `all` of them. */
export type Part =
  | { readonly kind: 'typed'; readonly type: JsonType }
  | { readonly kind: 'values'; readonly values: readonly unknown[]; readonly isConst: boolean }
  | { readonly kind: 'choice'; readonly choices: readonly Shape[] }
  | { readonly kind: 'all'; readonly parts: readonly Shape[] }
  | { readonly kind: 'other'; readonly keyword: string };

export interface Shape extends Located {
  readonly part: Part;
  /** Whether this is only part of its node, whose title, default and own keywords then belong to the whole and not to it. */
  readonly bare: boolean;
  /** How often references were followed to get here: the node itself is then another one. */
  readonly referred: boolean;
}

/** By which keywords a schema without a type is known; java's libraries go by them. */
const TYPE_KEYWORDS: ReadonlyArray<readonly [type: JsonType, keywords: readonly string[]]> = [
  ['array', ['items', 'additionalItems', 'minItems', 'maxItems', 'uniqueItems', 'contains']],
  [
    'object',
    [
      'properties',
      'required',
      'minProperties',
      'maxProperties',
      'dependencies',
      'patternProperties',
      'additionalProperties',
      'propertyNames',
    ],
  ],
  ['number', ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']],
  ['string', ['minLength', 'maxLength', 'pattern', 'format']],
];

/** The error for a schema that has itself as a part, for which Connect's schemas, as plain data, have no form here. */
export function recursive(): DataError {
  return new DataError(
    'The schema is part of itself. Connect schemas of that kind are not supported: let a ByteArrayConverter or StringConverter pass the data on as it is.',
  );
}

/**
 * Makes out what a schema is, behind all references.
 * @param within the schemas that this one is a choice or a part of
 * @throws DataError for a reference to nothing, and for a schema that is a choice or a part of itself
 */
export function shapeOf(located: Located, documents: Documents, within: readonly unknown[] = []): Shape {
  let { node, base } = located;
  let referred = false;
  const path = [...within, node];
  for (let reference = nodeField(node, '$ref'); typeof reference === 'string'; reference = nodeField(node, '$ref')) {
    ({ node, base } = documents.find(reference, base));
    referred = true;
    if (path.includes(node)) throw recursive();
    path.push(node);
  }
  const parts = partsOf({ node, base }, documents, path);
  const [first, ...more] = parts;
  const shape = { node, base, bare: false, referred };
  if (first === undefined) return { ...shape, part: { kind: 'other', keyword: JSON.stringify(node) } };
  if (more.length === 0) return { ...shape, part: first };
  return { ...shape, part: { kind: 'all', parts: parts.map((part) => ({ ...shape, part, bare: true })) } };
}

function partsOf(located: Located, documents: Documents, path: readonly unknown[]): Part[] {
  const { node, base } = located;
  const parts: Part[] = [];
  const values = nodeField(node, 'enum');
  if (Array.isArray(values)) parts.push({ kind: 'values', values, isConst: false });
  const inner = (keyword: string): Shape[] | undefined => {
    const list = nodeField(node, keyword);
    return Array.isArray(list) ? list.map((item) => shapeOf({ node: item, base }, documents, path)) : undefined;
  };
  const all = inner('allOf');
  if (all) parts.push({ kind: 'all', parts: all });
  for (const choices of [inner('anyOf'), inner('oneOf')]) if (choices) parts.push({ kind: 'choice', choices });
  const constant = nodeField(node, 'const');
  if (constant !== undefined) parts.push({ kind: 'values', values: [constant], isConst: true });
  for (const keyword of ['not', 'if'])
    if (nodeField(node, keyword) !== undefined) parts.push({ kind: 'other', keyword });
  return [...parts, ...typedParts(located)];
}

function typedParts({ node, base }: Located): Part[] {
  const type = nodeField(node, 'type');
  if (typeof type === 'string') return [{ kind: 'typed', type: type as JsonType }];
  if (Array.isArray(type)) {
    const choices = (type as JsonType[]).map((name): Shape => {
      return { node, base, bare: true, referred: false, part: { kind: 'typed', type: name } };
    });
    return [{ kind: 'choice', choices }];
  }
  if (!isObjectNode(node)) return [];
  return TYPE_KEYWORDS.filter(([, keywords]) => keywords.some((keyword) => nodeField(node, keyword) !== undefined)).map(
    ([name]) => ({ kind: 'typed', type: name }),
  );
}
