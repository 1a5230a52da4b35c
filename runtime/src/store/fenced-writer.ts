import { ConnectError, messageOf } from '@tributary/api';
import { ProducerFencedError } from '../broker/errors.ts';
import type { Broker, Producer } from '../broker/port.ts';
import { Queue } from '../concurrency/queue.ts';
import { type Entries, recordsOf } from './internal-topic.ts';

/** The leader could not write to the config topic, and must claim the privilege to do so anew: another worker may lead now. */
export class PrivilegeLostError extends ConnectError {
  static override readonly kind: string = 'PrivilegeLostError';
}

export interface FencedWriterOptions {
  readonly topic: string;
  readonly clientId: string;
  readonly transactionalId: string;
}

/**
 * Writes to an internal topic as the only one: whoever claims the privilege takes it from the worker that had it, also from one that
 * has not noticed yet. What is written together is one transaction.
 */
export class FencedWriter {
  readonly #broker: Broker;
  readonly #options: FencedWriterOptions;
  #producer: Producer | undefined;
  readonly #line = new Queue();

  constructor(broker: Broker, options: FencedWriterOptions) {
    this.#broker = broker;
    this.#options = options;
  }

  /** Whether the privilege was claimed, and as far as is known not lost. */
  get claimed(): boolean {
    return this.#producer !== undefined;
  }

  /** Nothing happens if this worker has the privilege already. @throws ConnectError */
  claim(): Promise<void> {
    return this.#line.run(async () => {
      const { topic, clientId, transactionalId } = this.#options;
      try {
        this.#producer ??= await this.#broker.producer({ clientId, transactionalId });
      } catch (error) {
        throw new ConnectError(`The privilege to write to the topic ${topic} cannot be claimed: ${messageOf(error)}`, {
          cause: error,
        });
      }
    });
  }

  /** Resolves when the records are durable, all of them or none. @throws PrivilegeLostError */
  write(entries: Entries): Promise<void> {
    return this.#line.run(async () => {
      const { topic } = this.#options;
      const producer = this.#producer;
      if (!producer)
        throw new PrivilegeLostError(`The topic ${topic} can only be written by the leader of the workers`);
      try {
        await producer.begin();
        await producer.send(recordsOf(topic, entries));
        await producer.commit();
      } catch (error) {
        this.#producer = undefined;
        await producer.close(0).catch(() => {});
        const reason = error instanceof ProducerFencedError ? 'another worker has become the leader' : messageOf(error);
        throw new PrivilegeLostError(
          `Failed to write to config topic; this may be due to a transient error and the request can be safely retried: ${reason}`,
          { cause: error },
        );
      }
    });
  }

  async close(): Promise<void> {
    await this.#line.run(async () => this.#producer?.close());
  }
}
