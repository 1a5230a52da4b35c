import { ConfigError, type ConnectError, DataError, RetriableError } from '@tributary/api';
import type { Answer } from './http.ts';

/** What was asked of which registry, for messages. */
export interface Request {
  /** Such as `register the AVRO schema under subject 'orders-value'`. */
  readonly what: string;
  /** Without credentials. */
  readonly url: string;
}

/** The numbers of Confluent's registry for what is not there. */
export const NotFound = { subject: 40401, version: 40402, schema: 40403 } as const;

interface ErrorBody {
  readonly code: number | undefined;
  readonly message: string;
}

/** What the registry says of an error, at most so many characters of it. */
const MESSAGE_LIMIT = 1000;

export function errorBody({ body, status }: Answer): ErrorBody {
  try {
    const json = JSON.parse(body) as { error_code?: unknown; message?: unknown };
    return {
      code: typeof json.error_code === 'number' ? json.error_code : undefined,
      message: String(json.message ?? '').slice(0, MESSAGE_LIMIT),
    };
  } catch {
    return { code: undefined, message: status === 404 ? 'there is no such path' : '' };
  }
}

/** Whether the same request may be answered otherwise a little later. */
export const isPassing = (status: number): boolean => status === 408 || status === 429 || status >= 500;

function remedy(status: number, code: number | undefined): string {
  switch (status) {
    case 401:
      return 'Check basic.auth.credentials.source and basic.auth.user.info, or bearer.auth.token.';
    case 403:
      return 'Give the user of this converter the right to do so in the registry.';
    case 404:
      // The registry's own numbers have five digits.
      return (code ?? 0) < 10_000
        ? 'Check schema.registry.url: the path of the registry may be missing, such as /apis/ccompat/v7 for Apicurio.'
        : 'Register the schema first, or set auto.register.schemas=true; check that schema.registry.url is the registry that the data was written with.';
    case 409:
      return "The schema is not compatible with those before it under the subject's compatibility level: change the schema so that it is, or the level in the registry.";
    case 422:
      return 'The registry does not accept the schema or the subject.';
    default:
      return 'Check schema.registry.url and the log of the registry.';
  }
}

/** The error for an answer that is no success. */
export function errorOf(request: Request, answer: Answer): ConnectError {
  const { status } = answer;
  const { code, message } = errorBody(answer);
  const said = `HTTP ${status}${code === undefined || code === status ? '' : `, error code ${code}`}${message && `: ${message}`}`;
  const text = `The schema registry at ${request.url} would not ${request.what} (${said}).`;
  if (isPassing(status))
    return new RetriableError(`${text} It may do so later: errors.retry.timeout says how long to try.`);
  const Kind = status === 401 || status === 403 ? ConfigError : DataError;
  return new Kind(`${text} ${remedy(status, code)}`);
}

/** The error where no registry could be reached. */
export function unreachable(request: Request, cause: unknown, message: string): RetriableError {
  return new RetriableError(
    `Could not ${request.what}: the schema registry at ${request.url} cannot be reached (${message}). Check schema.registry.url and that the registry runs; errors.retry.timeout says how long to try.`,
    { cause },
  );
}
