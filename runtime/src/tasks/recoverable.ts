import { BrokerError, BrokerUnavailableError, ProducerFencedError } from '../broker/errors.ts';

/** The broker has lost or ended what the producer relied on; a new start has it again. */
const LOST: ReadonlySet<string> = new Set([
  'INVALID_PRODUCER_ID_MAPPING',
  'INVALID_TXN_STATE',
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'TRANSACTION_ABORTABLE',
  'UNKNOWN_PRODUCER_ID',
]);

/**
 * Whether a producer that failed with this may be started anew, after which what is not stored is sent again: the broker was away for
 * longer than the client waits, or has ended a transaction for its age. Whether a fenced producer may, `recover` finds out.
 */
export function mayRecover(error: unknown): boolean {
  if (error instanceof BrokerUnavailableError || error instanceof ProducerFencedError) return true;
  return error instanceof BrokerError && LOST.has(error.code ?? '');
}

/** The causes of an error, itself first. */
export function causesOf(error: unknown): readonly Error[] {
  const causes: Error[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) causes.push(cause);
  return causes;
}
