import { ConnectError } from '@tributary/api';
import { ProducerFencedError } from '../broker/errors.ts';
import { causesOf } from './recoverable.ts';

/** Another task has taken this one's place, on another worker or with newer task configs: it ends, and nothing is wrong. */
export class SupersededError extends ConnectError {
  static override readonly kind: string = 'SupersededError';

  constructor() {
    super('The task has been taken over by another worker, or by a newer set of task configs: it ends here');
  }
}

/** Whether an error comes from a producer whose transactional id another one has taken over. */
export function isFenced(error: unknown): boolean {
  return causesOf(error).some((cause) => cause instanceof ProducerFencedError);
}
