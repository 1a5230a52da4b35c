import type { OffsetAndMetadata, TopicPartitionOffset } from '@tributary/api';
import { within } from '../../concurrency/within.ts';
import { BrokerError, BrokerUnavailableError } from '../errors.ts';
import type { GroupMembership, Producer, RecordToSend } from '../port.ts';
import type { Breather } from './breather.ts';
import type { Log } from './log.ts';
import { Stager } from './stager.ts';

const closedError = (): BrokerError => new BrokerError('The producer is closed', { code: 'PRODUCER_CLOSED' });

/** Throws what broke a producer, with the stack of the call that finds out. */
export function broken(error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  return new BrokerUnavailableError(`An earlier call of this producer failed, so it has to be replaced: ${message}`, {
    cause: error,
  });
}

/** A producer without transactions: each call is stored as a whole. */
export class PlainProducer implements Producer {
  readonly #log: Log;
  readonly #stager: Stager;
  readonly #onClose: (producer: Producer) => void;
  readonly #underWay = new Set<Promise<unknown>>();
  /** The last call that stages with breaks; later calls queue behind it. */
  #staging: Promise<unknown> | null = null;
  #failure: unknown = null;
  #closed = false;

  constructor(log: Log, breather: Breather, onClose: (producer: Producer) => void) {
    this.#log = log;
    this.#stager = new Stager(log, breather);
    this.#onClose = onClose;
  }

  send(records: readonly RecordToSend[]): Promise<readonly TopicPartitionOffset[]> {
    const sent = this.#send(records);
    this.#underWay.add(sent);
    sent.then(
      () => this.#underWay.delete(sent),
      () => this.#underWay.delete(sent),
    );
    return sent;
  }

  begin(): Promise<void> {
    return this.#refuse();
  }

  sendOffsets(_offsets: readonly OffsetAndMetadata[], _group: GroupMembership): Promise<void> {
    return this.#refuse();
  }

  commit(): Promise<void> {
    return this.#refuse();
  }

  abort(): Promise<void> {
    return this.#refuse();
  }

  async recover(): Promise<void> {
    if (this.#closed) throw closedError();
    await Promise.allSettled([...this.#underWay]);
    this.#failure = null;
  }

  async close(timeoutMs = 5000): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await within(timeoutMs, Promise.allSettled([...this.#underWay]));
    this.#onClose(this);
  }

  async #send(records: readonly RecordToSend[]): Promise<readonly TopicPartitionOffset[]> {
    if (this.#closed) throw closedError();
    if (records.length === 0) return [];
    const large = this.#stager.isLarge(records);
    if (large || this.#staging) {
      const before = this.#staging;
      const turn = Promise.withResolvers<void>();
      this.#staging = turn.promise;
      const release = (): void => {
        turn.resolve();
        if (this.#staging === turn.promise) this.#staging = null;
      };
      try {
        await before;
        return await this.#store((staging) => this.#stager.stageLarge(records, staging), release);
      } finally {
        release();
      }
    }
    return this.#store((staging) => this.#stager.stage(records, staging));
  }

  async #store(
    stage: (staging: Parameters<Stager['stage']>[1]) => TopicPartitionOffset[] | Promise<TopicPartitionOffset[]>,
    staged: () => void = () => {},
  ): Promise<TopicPartitionOffset[]> {
    if (this.#failure) throw broken(this.#failure);
    const ticket = this.#log.writer.enter((error) => {
      this.#failure ??= error;
    });
    let offsets: TopicPartitionOffset[];
    try {
      const result = stage(ticket.staging);
      offsets = result instanceof Promise ? await result : result;
    } finally {
      // A record that is refused leaves nothing staged, so the producer can go on.
      staged();
      ticket.release();
    }
    await ticket.done;
    return offsets;
  }

  async #refuse(): Promise<never> {
    throw new BrokerError('The producer has no transactional id, so it has no transactions', {
      code: 'INVALID_TXN_STATE',
    });
  }
}
