import protobuf from 'protobufjs';
import type { ProtoMessage } from './model.ts';

/** Scalars that read what another of their kind wrote. */
const KINDS: readonly (readonly string[])[] = [
  ['int32', 'int64', 'uint32', 'uint64', 'bool'],
  ['sint32', 'sint64'],
  ['fixed32', 'sfixed32'],
  ['fixed64', 'sfixed64'],
  ['string', 'bytes'],
  ['float'],
  ['double'],
];

const kindOf = (type: string): number => KINDS.findIndex((kind) => kind.includes(type));

/** Why another message cannot read what is written as this one; nothing if it can. */
export function incompatibility(message: ProtoMessage, reader: protobuf.Type): string | undefined {
  for (const field of message.fields) {
    const other = reader.fieldsById[field.number];
    if (!other) continue;
    const where = `field ${field.number} ('${field.name}') of '${message.name}'`;
    if ((field.label === 'repeated') !== (other.repeated || other.map))
      return `${where} is ${field.label === 'repeated' ? '' : 'not '}repeated`;
    const problem = typeProblem(field.type, message, other);
    if (problem) return problem === true ? `${where} is ${field.type}, not ${other.type}` : problem;
  }
  return undefined;
}

function typeProblem(type: string, message: ProtoMessage, other: protobuf.Field): string | true | undefined {
  const kind = kindOf(type);
  const otherType = other.resolvedType;
  if (kind >= 0) {
    if (otherType instanceof protobuf.Enum) return kind === kindOf('int32') ? undefined : true;
    return otherType === null && !other.map && kindOf(other.type) === kind ? undefined : true;
  }
  if (message.enums.some(({ name }) => name === type))
    return otherType instanceof protobuf.Enum || (otherType === null && kindOf(other.type) === kindOf('int32'))
      ? undefined
      : true;
  // Entries of a map are messages with two fields.
  if (other.map) return undefined;
  if (!(otherType instanceof protobuf.Type)) return true;
  const inner = message.messages.find(({ name }) => name === type);
  if (inner) return incompatibility(inner, otherType);
  return otherType.fullName === `.${type}` ? undefined : true;
}
