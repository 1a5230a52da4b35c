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
