/** Avro schemas as other programs make them (unions, enums, fixed, docs, aliases, defaults), with values, made by chance from a seed. */

import type { Random } from '@tributary/services';
import avsc, { type Type } from 'avsc';

type Json = Record<string, unknown> | string | Json[];

class Names {
  count = 0;
  next(prefix: string): string {
    return `${prefix}${this.count++}`;
  }
}

export function randomAvro(random: Random): Json {
  return schemaOf(random, 3, new Names());
}

function schemaOf(random: Random, depth: number, names: Names, inUnion = false): Json {
  const kind = random.below(depth > 0 ? 15 : 10);
  switch (kind) {
    case 0:
      return random.pick(['boolean', 'float', 'double']);
    case 1:
      return random.pick<Json>([
        'int',
        { type: 'int', logicalType: 'date' },
        { type: 'int', logicalType: 'time-millis' },
      ]);
    case 2:
      return random.pick<Json>([
        'long',
        { type: 'long', logicalType: 'timestamp-millis' },
        { type: 'long', logicalType: 'timestamp-micros' },
      ]);
    case 3:
      return random.pick<Json>(['string', { type: 'string', 'avro.java.string': 'String' }]);
    case 4:
      return 'bytes';
    case 5:
      return { type: 'bytes', logicalType: 'decimal', precision: random.pick([9, 64]), scale: random.below(4) };
    case 6:
      return {
        type: 'enum',
        name: names.next('Side'),
        ...(random.chance(0.5) && { namespace: 'market' }),
        ...(random.chance(0.3) && { doc: 'Which side' }),
        symbols: ['BUY', 'SELL', 'NONE'],
        ...(random.chance(0.3) && { default: 'NONE' }),
      };
    case 7:
      return { type: 'fixed', name: names.next('Hash'), size: 1 + random.below(4) };
    case 8:
      return { type: 'fixed', name: names.next('Amount'), size: 8, logicalType: 'decimal', precision: 18, scale: 2 };
    case 9:
      return { type: 'long', 'connect.name': 'semantic.Long', 'connect.version': 2, 'connect.doc': 'of the type' };
    case 10:
      return { type: 'array', items: schemaOf(random, depth - 1, names) };
    case 11:
      return { type: 'map', values: schemaOf(random, depth - 1, names) };
    case 12:
      return inUnion ? 'string' : unionOf(random, depth, names);
    default:
      return recordOf(random, depth, names);
  }
}

function unionOf(random: Random, depth: number, names: Names): Json {
  const branches: Json[] = [];
  const kinds = new Set<string>();
  for (let i = random.below(4) + 1; i > 0; i--) {
    const branch = schemaOf(random, depth - 1, names, true);
    const kind = typeof branch === 'string' ? branch : (branch as Record<string, unknown>)['type'];
    const name = typeof branch === 'string' ? branch : ((branch as Record<string, unknown>)['name'] ?? kind);
    if (kinds.has(String(name))) continue;
    kinds.add(String(name));
    branches.push(branch);
  }
  if (random.chance(0.7)) branches.splice(random.below(branches.length + 1), 0, 'null');
  return branches;
}

const DEFAULTS: Readonly<Record<string, unknown>> = {
  boolean: true,
  int: 7,
  long: 8,
  float: 1.5,
  double: 2.5,
  string: 'none',
  bytes: '\u00ff\u0001',
};

function recordOf(random: Random, depth: number, names: Names): Json {
  return {
    type: 'record',
    name: names.next('Trade'),
    ...(random.chance(0.6) && { namespace: random.pick(['com.example', 'market']) }),
    ...(random.chance(0.3) && { doc: 'A trade' }),
    ...(random.chance(0.2) && { aliases: ['Deal'] }),
    fields: Array.from({ length: random.below(5) }, (_, i) => {
      const type = schemaOf(random, depth - 1, names);
      const isNullable = Array.isArray(type) && type[0] === 'null';
      const initial = typeof type === 'string' ? DEFAULTS[type] : undefined;
      return {
        name: `f${i}`,
        type,
        ...(random.chance(0.2) && { doc: 'A field' }),
        ...(random.chance(0.4) && isNullable && { default: null }),
        ...(random.chance(0.4) && initial !== undefined && { default: initial }),
      };
    }),
  };
}

/** Bytes of some value of the schema, written by avsc. */
export function randomBytes(random: Random, schema: Json): Buffer {
  const type = avsc.Type.forSchema(schema as never, { wrapUnions: 'always' });
  return type.toBuffer(someValue(random, type));
}

function someValue(random: Random, type: Type): unknown {
  if (avsc.Type.isType(type, 'union')) {
    const branch = random.pick((type as unknown as { types: Type[] }).types);
    return branch.typeName === 'null' ? null : { [branch.branchName!]: someValue(random, branch) };
  }
  if (avsc.Type.isType(type, 'record')) {
    const { fields } = type as unknown as { fields: { name: string; type: Type }[] };
    return Object.fromEntries(fields.map((field) => [field.name, someValue(random, field.type)]));
  }
  if (avsc.Type.isType(type, 'array')) {
    const { itemsType } = type as unknown as { itemsType: Type };
    return Array.from({ length: random.below(4) }, () => someValue(random, itemsType));
  }
  if (avsc.Type.isType(type, 'map')) {
    const { valuesType } = type as unknown as { valuesType: Type };
    return Object.fromEntries(
      Array.from({ length: random.below(3) }, (_, i) => [`k${i}é`, someValue(random, valuesType)]),
    );
  }
  if (avsc.Type.isType(type, 'fixed'))
    return Buffer.from(Array.from({ length: (type as unknown as { size: number }).size }, () => random.below(256)));
  if (avsc.Type.isType(type, 'enum')) return random.pick((type as unknown as { symbols: string[] }).symbols);
  switch (type.typeName as string) {
    case 'null':
      return null;
    case 'boolean':
      return random.chance(0.5);
    case 'int':
      return random.pick([0, 1, 86_399_999, 12_345]);
    case 'long':
      return random.pick([0, -1, 2 ** 40, -(2 ** 52), 1_700_000_000_123]);
    case 'float':
      return Math.fround(random.pick([0.5, -1e10]));
    case 'double':
      return random.pick([0.1, Number.NaN, -0]);
    case 'bytes':
      return Buffer.from(Array.from({ length: 1 + random.below(5) }, () => random.below(256)));
    default:
      return random.pick(['', 'é€😀', 'a text that is longer than forty characters, all of them']);
  }
}
