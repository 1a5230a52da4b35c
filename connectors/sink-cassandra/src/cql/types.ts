import { types } from 'cassandra-driver';

/** The types of CQL that hold one value. */
export const NATIVE_TYPES = [
  'ascii',
  'bigint',
  'blob',
  'boolean',
  'counter',
  'date',
  'decimal',
  'double',
  'duration',
  'float',
  'inet',
  'int',
  'smallint',
  'text',
  'time',
  'timestamp',
  'timeuuid',
  'tinyint',
  'uuid',
  'varint',
] as const;
export type NativeType = (typeof NATIVE_TYPES)[number];

/** The type of a column. */
export type CqlType =
  | { readonly kind: 'native'; readonly name: NativeType }
  | { readonly kind: 'list' | 'set'; readonly item: CqlType }
  | { readonly kind: 'map'; readonly key: CqlType; readonly value: CqlType }
  | { readonly kind: 'tuple'; readonly items: readonly CqlType[] }
  | { readonly kind: 'udt'; readonly name: string; readonly fields: readonly CqlField[] }
  | { readonly kind: 'vector'; readonly item: CqlType; readonly size: number }
  /** One that no value can be made for. */
  | { readonly kind: 'other'; readonly name: string };

export interface CqlField {
  readonly name: string;
  readonly type: CqlType;
}

/** How the driver describes a type. */
export interface DriverType {
  readonly code: number;
  readonly info?: unknown;
  readonly customTypeName?: string;
  readonly options?: { readonly frozen?: boolean };
}

const { dataTypes } = types;

const NATIVE = new Map<number, NativeType>(
  NATIVE_TYPES.map((name) => [(dataTypes as unknown as Record<string, number>)[name]!, name]),
).set(dataTypes.varchar, 'text');

const DURATION = 'org.apache.cassandra.db.marshal.DurationType';

export function cqlType({ code, info, customTypeName }: DriverType): CqlType {
  const native = NATIVE.get(code);
  if (native !== undefined) return { kind: 'native', name: native };
  switch (code) {
    case dataTypes.list:
      return { kind: 'list', item: cqlType(info as DriverType) };
    case dataTypes.set:
      return { kind: 'set', item: cqlType(info as DriverType) };
    case dataTypes.map: {
      const [key, value] = info as readonly [DriverType, DriverType];
      return { kind: 'map', key: cqlType(key), value: cqlType(value) };
    }
    case dataTypes.tuple:
      return { kind: 'tuple', items: (info as readonly DriverType[]).map(cqlType) };
    case dataTypes.udt: {
      const { name, fields } = info as { name: string; fields: ReadonlyArray<{ name: string; type: DriverType }> };
      return { kind: 'udt', name, fields: fields.map((field) => ({ name: field.name, type: cqlType(field.type) })) };
    }
  }
  if (customTypeName === 'vector') {
    const [item, size] = info as readonly [DriverType, number];
    return { kind: 'vector', item: cqlType(item), size };
  }
  if (info === DURATION || info === 'duration') return { kind: 'native', name: 'duration' };
  return { kind: 'other', name: typeof info === 'string' ? info : `type ${code}` };
}

/** Whether it is a list whose items Cassandra keeps one by one. */
export const isOpenList = ({ code, options }: DriverType): boolean =>
  code === dataTypes.list && options?.frozen !== true;

/** As a CREATE TABLE writes it, but for what is frozen. */
export function typeName(type: CqlType): string {
  switch (type.kind) {
    case 'native':
    case 'udt':
    case 'other':
      return type.name;
    case 'list':
    case 'set':
      return `${type.kind}<${typeName(type.item)}>`;
    case 'map':
      return `map<${typeName(type.key)}, ${typeName(type.value)}>`;
    case 'tuple':
      return `tuple<${type.items.map(typeName).join(', ')}>`;
    case 'vector':
      return `vector<${typeName(type.item)}, ${type.size}>`;
  }
}
