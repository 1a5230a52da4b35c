import { ConnectError, RetriableError } from '@tributary/api';

/** The broker cannot do this now; the adapter already retried as long as it was allowed to. */
export class BrokerUnavailableError extends RetriableError {
  static override readonly kind: string = 'BrokerUnavailableError';
}

/** The broker refuses the request and would do so again. `code` is Kafka's error name, such as `TOPIC_AUTHORIZATION_FAILED`. */
export class BrokerError extends ConnectError {
  static override readonly kind: string = 'BrokerError';
}

/** Another producer with the same transactional id has taken over (PRODUCER_FENCED, INVALID_PRODUCER_EPOCH). */
export class ProducerFencedError extends BrokerError {
  static override readonly kind: string = 'ProducerFencedError';
}

/** The consumer is no longer a member of its group with these partitions; what it read since the last commit comes to another. */
export class CommitFailedError extends BrokerError {
  static override readonly kind: string = 'CommitFailedError';
}

/** One record is larger than the broker or the configuration allows. */
export class RecordTooLargeError extends BrokerError {
  static override readonly kind: string = 'RecordTooLargeError';
}
