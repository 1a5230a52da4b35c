/** JSON inside a schema: integers as number or bigint, fractions as Fraction (their text) or number, objects as plain object or Map. */
export type Json = unknown;

/** Attributes that Avro does not know, in order: `connect.name` and its like, `logicalType`. */
export type Props = Map<string, Json>;

export type PrimitiveKind = 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string';

export interface PrimitiveNode {
  readonly kind: PrimitiveKind;
  readonly props: Props;
}

interface Named {
  /** With its namespace, such as `io.confluent.connect.avro.ConnectDefault`. */
  readonly fullName: string;
  readonly aliases: readonly string[];
  readonly props: Props;
}

export interface FixedNode extends Named {
  readonly kind: 'fixed';
  readonly size: number;
  readonly doc: string | null;
}

export interface EnumNode extends Named {
  readonly kind: 'enum';
  readonly symbols: readonly string[];
  /** The symbol that readers take for one that they do not know. */
  readonly default: string | null;
  readonly doc: string | null;
}

export interface AvroField {
  readonly name: string;
  readonly type: AvroNode;
  readonly doc: string | null;
  /** Undefined: there is none. */
  readonly default: Json;
  readonly order: string | null;
  readonly aliases: readonly string[];
  readonly props: Props;
}

export interface RecordNode extends Named {
  readonly kind: 'record';
  readonly doc: string | null;
  /** Filled after the record is made, since its fields may mean the record itself. */
  readonly fields: AvroField[];
}

export interface ArrayNode {
  readonly kind: 'array';
  readonly items: AvroNode;
  readonly props: Props;
}

export interface MapNode {
  readonly kind: 'map';
  readonly values: AvroNode;
  readonly props: Props;
}

export interface UnionNode {
  readonly kind: 'union';
  readonly branches: readonly AvroNode[];
}

/** An Avro schema with its names resolved; a type that is named twice is the same object. */
export type AvroNode = PrimitiveNode | FixedNode | EnumNode | RecordNode | ArrayNode | MapNode | UnionNode;

export const primitive = (kind: PrimitiveKind): PrimitiveNode => ({ kind, props: new Map() });
export const union = (...branches: AvroNode[]): UnionNode => ({ kind: 'union', branches });

/** The attributes that Avro does not know; a union has none. */
export function propsOf(node: AvroNode): ReadonlyMap<string, Json> {
  return node.kind === 'union' ? NO_PROPS : node.props;
}

const NO_PROPS: ReadonlyMap<string, Json> = new Map();

/** Whether it is null without attributes, as it stands in the union of something optional. */
export const isNull = (node: AvroNode): boolean => node.kind === 'null' && node.props.size === 0;

/** A full name without its namespace. */
export function simpleName(fullName: string): string {
  return fullName.slice(fullName.lastIndexOf('.') + 1);
}

/** The namespace of a full name; null without one. */
export function namespaceOf(fullName: string): string | null {
  const dot = fullName.lastIndexOf('.');
  return dot < 0 ? null : fullName.slice(0, dot);
}
