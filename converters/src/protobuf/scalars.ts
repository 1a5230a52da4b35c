import type { Int64 } from '@tributary/api';
import type protobuf from 'protobufjs';
import { fromBits, toBits } from './int64.ts';

/** A scalar type on the wire. */
export interface Scalar {
  readonly wireType: 0 | 1 | 2 | 5;
  /** Whether many stand together in one field. */
  readonly packable: boolean;
  write(writer: protobuf.Writer, value: never): void;
  read(reader: protobuf.Reader): unknown;
  /** What it is where it is not written. */
  readonly zero: unknown;
}

const NO_BYTES = new Uint8Array(0);
/** 64 bits are taken in the form of protobufjs, whose types call them numbers. */
const bits = (value: Int64): number => toBits(value) as unknown as number;

/** The scalar types of protobuf as Connect's values. */
export const SCALARS: Readonly<Record<string, Scalar>> = {
  double: {
    wireType: 1,
    packable: true,
    write: (writer, value) => void writer.double(value),
    read: (reader) => reader.double(),
    zero: 0,
  },
  float: {
    wireType: 5,
    packable: true,
    write: (writer, value) => void writer.float(value),
    read: (reader) => reader.float(),
    zero: 0,
  },
  int32: {
    wireType: 0,
    packable: true,
    write: (writer, value) => void writer.int32(value),
    read: (reader) => reader.int32(),
    zero: 0,
  },
  sint32: {
    wireType: 0,
    packable: true,
    write: (writer, value) => void writer.sint32(value),
    read: (reader) => reader.sint32(),
    zero: 0,
  },
  sfixed32: {
    wireType: 5,
    packable: true,
    write: (writer, value) => void writer.sfixed32(value),
    read: (reader) => reader.sfixed32(),
    zero: 0,
  },
  uint32: {
    wireType: 0,
    packable: true,
    write: (writer, value) => void writer.uint32(value),
    read: (reader) => reader.uint32(),
    zero: 0,
  },
  fixed32: {
    wireType: 5,
    packable: true,
    write: (writer, value) => void writer.fixed32(value),
    read: (reader) => reader.fixed32(),
    zero: 0,
  },
  int64: {
    wireType: 0,
    packable: true,
    write: (writer, value) => void writer.int64(bits(value)),
    read: (reader) => fromBits(reader.int64()),
    zero: 0,
  },
  uint64: {
    wireType: 0,
    packable: true,
    write: (writer, value) => void writer.uint64(bits(value)),
    read: (reader) => fromBits(reader.uint64()),
    zero: 0,
  },
  sint64: {
    wireType: 0,
    packable: true,
    write: (writer, value) => void writer.sint64(bits(value)),
    read: (reader) => fromBits(reader.sint64()),
    zero: 0,
  },
  fixed64: {
    wireType: 1,
    packable: true,
    write: (writer, value) => void writer.fixed64(bits(value)),
    read: (reader) => fromBits(reader.fixed64()),
    zero: 0,
  },
  sfixed64: {
    wireType: 1,
    packable: true,
    write: (writer, value) => void writer.sfixed64(bits(value)),
    read: (reader) => fromBits(reader.sfixed64()),
    zero: 0,
  },
  bool: {
    wireType: 0,
    packable: true,
    write: (writer, value) => void writer.bool(value),
    read: (reader) => reader.bool(),
    zero: false,
  },
  string: {
    wireType: 2,
    packable: false,
    write: (writer, value) => void writer.string(value),
    read: (reader) => reader.string(),
    zero: '',
  },
  bytes: {
    wireType: 2,
    packable: false,
    write: (writer, value) => void writer.bytes(value),
    read: (reader) => reader.bytes(),
    zero: NO_BYTES,
  },
};
