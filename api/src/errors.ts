/**
 * Brands the error classes across copies of this package: a plugin that brings a copy of its own still throws
 * errors that the runtime's `instanceof` recognises.
 */
const BRAND = Symbol.for('tributary.error');

function isBranded(value: unknown, kind: string): boolean {
  const kinds = (value as { [BRAND]?: unknown } | null | undefined)?.[BRAND];
  return Array.isArray(kinds) && kinds.includes(kind);
}

export interface ConnectErrorOptions extends ErrorOptions {
  /** A stable code for programs, upper case with underscores, such as `TOPIC_NOT_FOUND`. Default: the class's own. */
  code?: string;
}

/** The base of every error that the runtime and its plugins throw on purpose. Fails the task unless a subclass says otherwise. */
export class ConnectError extends Error {
  static readonly kind: string = 'ConnectError';
  readonly code: string;
  declare readonly [BRAND]: readonly string[];

  constructor(message: string, options: ConnectErrorOptions = {}) {
    super(message, options);
    const kinds: string[] = [];
    for (let type = new.target; typeof type.kind === 'string'; type = Object.getPrototypeOf(type)) {
      if (Object.hasOwn(type, 'kind')) kinds.push(type.kind);
    }
    Object.defineProperty(this, BRAND, { value: kinds, enumerable: false });
    this.name = new.target.name;
    this.code = options.code ?? kinds[0]!.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase();
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return Object.hasOwn(this, 'kind')
      ? isBranded(value, this.kind)
      : Function.prototype[Symbol.hasInstance].call(this, value);
  }
}

/** A configuration value is missing or wrong. The message names the key, the value and the rule, and never a secret. */
export class ConfigError extends ConnectError {
  static override readonly kind: string = 'ConfigError';
}

/** A record cannot be converted, transformed or stored as it is; another attempt would fail in the same way. */
export class DataError extends ConnectError {
  static override readonly kind: string = 'DataError';
}

/**
 * The operation may succeed when tried again: a timeout, a server that is down, a throttled request.
 * From a source's `run` it leads to a new call with the last accepted offsets; from a sink's `put` to a
 * redelivery of the same batch.
 */
export class RetriableError extends ConnectError {
  static override readonly kind: string = 'RetriableError';
}

/**
 * From a sink's `put`: the sink can take nothing before somebody mends something, such as a password or a table that is gone, and no record
 * is to blame. Fails the task, whatever `errors.tolerance` says.
 */
export class FatalError extends ConnectError {
  static override readonly kind: string = 'FatalError';
}

/** The message of anything that was thrown, for use inside a longer message. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0 && !error.message)
    return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
