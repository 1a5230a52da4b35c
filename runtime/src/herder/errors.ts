import { ConnectError } from '@tributary/api';

/** What was asked for does not exist. */
export class NotFoundError extends ConnectError {
  static override readonly kind: string = 'NotFoundError';
}

/** A connector with this name exists. */
export class AlreadyExistsError extends ConnectError {
  static override readonly kind: string = 'AlreadyExistsError';
}

/** The request makes no sense as it is. */
export class BadRequestError extends ConnectError {
  static override readonly kind: string = 'BadRequestError';
}

/** Something else that is under way is in the request's way; it can be tried again. */
export class ConflictError extends ConnectError {
  static override readonly kind: string = 'ConflictError';
}

/** The worker is set up not to do this. */
export class ForbiddenError extends ConnectError {
  static override readonly kind: string = 'ForbiddenError';
}

/** The worker cannot do this yet; it can be tried again. */
export class UnavailableError extends ConnectError {
  static override readonly kind: string = 'UnavailableError';
}

/** Another worker must do this: the leader, or the one that has the connector or task. */
export class RequestTargetError extends ConnectError {
  static override readonly kind: string = 'RequestTargetError';
  /** Where that worker's REST API is, `http://host:port`. */
  readonly url: string;

  constructor(message: string, url: string) {
    super(message);
    this.url = url;
  }
}
