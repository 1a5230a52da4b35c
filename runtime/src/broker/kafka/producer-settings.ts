import { ConfigError } from '@tributary/api';
import { flag, integer, oneOf, text } from '../../config/values.ts';
import type { ProducerOptions } from '../port.ts';
import { COMPRESSIONS, type Compression } from './compression.ts';

export interface ProducerSettings {
  readonly clientId: string;
  readonly transactionalId: string | null;
  readonly transactionTimeoutMs: number;
  readonly deliveryTimeoutMs: number;
  /** How long looking up topics and ending transactions may take; by default without end, as with Connect's producers. */
  readonly blockMs: number;
  readonly compression: Compression;
  readonly batchBytes: number;
  readonly lingerMs: number;
  /** A record that takes more is refused before it is sent; null: the broker decides. */
  readonly maxRequestBytes: number | null;
  readonly idempotent: boolean;
  readonly acks: -1 | 1;
}

/** The keys of `overrides` that a producer understands, besides those of every client. */
export const PRODUCER_KEYS = [
  'acks',
  'batch.size',
  'compression.type',
  'delivery.timeout.ms',
  'enable.idempotence',
  'linger.ms',
  'max.block.ms',
  'max.request.size',
  'transaction.timeout.ms',
] as const;

const MIB = 1_048_576;

/** Overrides win over options, as users' configs do over the worker's. */
export function producerSettings(options: ProducerOptions): ProducerSettings {
  const configs = options.overrides ?? {};
  const acks = acksOf(configs);
  const wantsIdempotence = flag(configs, 'enable.idempotence');
  if (acks === 1 && wantsIdempotence)
    throw new ConfigError('Invalid value 1 for configuration acks: must be all with enable.idempotence=true');
  const idempotent = wantsIdempotence ?? acks === -1;
  if (options.transactionalId !== undefined && !idempotent)
    throw new ConfigError(
      'enable.idempotence=false and acks=1 cannot be had with exactly-once support: leave them out',
    );
  return {
    clientId: text(configs, 'client.id') ?? options.clientId,
    transactionalId: options.transactionalId ?? null,
    transactionTimeoutMs: integer(configs, 'transaction.timeout.ms', 1) ?? options.transactionTimeoutMs ?? 60_000,
    deliveryTimeoutMs: endless(integer(configs, 'delivery.timeout.ms', 0) ?? options.deliveryTimeoutMs),
    blockMs: blockTimeout(configs),
    compression: oneOf(configs, 'compression.type', COMPRESSIONS) ?? options.compression ?? 'none',
    batchBytes: Math.max(integer(configs, 'batch.size', 0) ?? options.batchBytes ?? MIB, 1_024),
    lingerMs: integer(configs, 'linger.ms', 0) ?? 0,
    maxRequestBytes: integer(configs, 'max.request.size', 0) ?? null,
    idempotent,
    acks,
  };
}

/** Java's largest numbers, which Connect sets by default, mean without end. */
function endless(value: number | undefined): number {
  return value === undefined || value >= 0x7fffffff ? Number.POSITIVE_INFINITY : value;
}

/** Java takes a long here, whose largest is what Connect sets. */
function blockTimeout(configs: Readonly<Record<string, string>>): number {
  return /^\d{16,}$/.test(text(configs, 'max.block.ms')?.trim() ?? '')
    ? Number.POSITIVE_INFINITY
    : endless(integer(configs, 'max.block.ms', 0));
}

function acksOf(configs: Readonly<Record<string, string>>): -1 | 1 {
  const value = text(configs, 'acks')?.trim();
  if (value === undefined || value === 'all' || value === '-1') return -1;
  if (value === '1') return 1;
  throw new ConfigError(
    `Invalid value ${value} for configuration acks: must be all, -1 or 1; a record counts as sent only when a broker has it`,
  );
}
