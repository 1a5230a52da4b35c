import { ConfigError, ConnectError, DataError, messageOf, RetriableError } from '@tributary/api';
import {
  BrokerError,
  BrokerUnavailableError,
  CommitFailedError,
  ProducerFencedError,
  RecordTooLargeError,
} from '../errors.ts';

/** An error as it passes between threads, which keep neither its class nor its code. */
export interface PlainError {
  readonly kind: string | null;
  readonly code: string | null;
  readonly message: string;
  readonly stack: string | undefined;
  readonly cause: PlainError | null;
}

/** The more special ones first. */
const KINDS = [
  ProducerFencedError,
  CommitFailedError,
  RecordTooLargeError,
  BrokerError,
  BrokerUnavailableError,
  RetriableError,
  DataError,
  ConfigError,
  ConnectError,
] as const;

export function toPlain(error: unknown): PlainError {
  const kind = KINDS.find((type) => error instanceof type);
  return {
    kind: kind?.kind ?? null,
    code: kind ? (error as ConnectError).code : null,
    message: messageOf(error),
    stack: error instanceof Error ? error.stack : undefined,
    cause: error instanceof Error && error.cause !== undefined ? toPlain(error.cause) : null,
  };
}

export function fromPlain({ kind, code, message, stack, cause }: PlainError): Error {
  const type = KINDS.find((known) => known.kind === kind);
  const rest = cause ? { cause: fromPlain(cause) } : {};
  const error = type ? new type(message, { code: code!, ...rest }) : new Error(message, rest);
  if (stack !== undefined) error.stack = stack;
  return error;
}
