import { isIP } from 'node:net';
import { types } from 'cassandra-driver';
import { type Encode, misfit } from './misfit.ts';

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;

function uuidBytes(value: unknown, type: string): Buffer {
  if (value instanceof Uint8Array && value.length === 16) return Buffer.from(value);
  if (typeof value !== 'string' || !UUID.test(value))
    return misfit(value, type, 'it takes text such as 123e4567-e89b-12d3-a456-426614174000, or 16 bytes');
  return Buffer.from(value.replaceAll('-', ''), 'hex');
}

export const uuid: Encode = (value) => uuidBytes(value, 'uuid');

export const timeuuid: Encode = (value) => {
  const bytes = uuidBytes(value, 'timeuuid');
  if (bytes[6]! >> 4 !== 1) misfit(value, 'timeuuid', 'it is no UUID of version 1; make the column a uuid');
  return bytes;
};

/** An address: text, or 4 or 16 bytes. */
export const inet: Encode = (value) => {
  if (value instanceof Uint8Array && (value.length === 4 || value.length === 16)) return unmapped(Buffer.from(value));
  const text = typeof value === 'string' ? value.trim() : '';
  if (isIP(text) === 0) misfit(value, 'inet', 'it takes an IP address, no name of a host');
  if (text.includes('%')) misfit(value, 'inet', 'an address with a zone cannot be stored');
  return unmapped(types.InetAddress.fromString(text).getBuffer());
};

const MAPPED = Buffer.from('00000000000000000000ffff', 'hex');

/** `::ffff:1.2.3.4` is 1.2.3.4, as Cassandra reads it in CQL: as a key it would not be found otherwise. */
const unmapped = (bytes: Buffer): Buffer =>
  bytes.length === 16 && bytes.subarray(0, 12).equals(MAPPED) ? bytes.subarray(12) : bytes;

/** The 100 nanoseconds between 15 October 1582, where UUIDs begin, and 1970. */
const UUID_EPOCH = 122_192_928_000_000_000n;

/**
 * A timeuuid of a record: its write time and its place in Kafka. So it is unique, orders as the records do, and a replay makes the
 * same one.
 * @param microseconds since the epoch
 */
export function timeuuidOf(microseconds: number, topic: string, partition: number, offset: number): Buffer {
  const bytes = Buffer.allocUnsafe(16);
  const ticks = BigInt(microseconds) * 10n + UUID_EPOCH;
  bytes.writeUInt32BE(Number(ticks & 0xffff_ffffn), 0);
  bytes.writeUInt16BE(Number((ticks >> 32n) & 0xffffn), 4);
  bytes.writeUInt16BE(Number((ticks >> 48n) & 0x0fffn) | 0x1000, 6);
  // Clock sequence and node: 62 bits that no two records of a microsecond share, by any likelihood.
  bytes.writeUInt32BE(((mix(hash(topic), partition) & 0x3fff_ffff) | 0x8000_0000) >>> 0, 8);
  bytes.writeUInt32BE(mix(offset >>> 0, Math.floor(offset / 2 ** 32)), 12);
  // The bit of a multicast address says that the node is none of a network card.
  bytes[10] = bytes[10]! | 1;
  return bytes;
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}

/** Distinct for distinct first arguments. */
const mix = (a: number, b: number): number => (Math.imul(b, 0x9e3779b1) ^ a) >>> 0;
