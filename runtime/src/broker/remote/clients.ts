import type { OffsetAndMetadata, TopicPartition, TopicPartitionOffset } from '@tributary/api';
import { BrokerError } from '../errors.ts';
import type {
  GroupConsumer,
  GroupConsumerOptions,
  GroupMembership,
  Producer,
  RecordRead,
  RecordToSend,
  TopicReader,
  TopicReaderOptions,
} from '../port.ts';
import { packToSend, unpackPlaces, unpackRead } from './codec.ts';
import type { Connection } from './connection.ts';
import type { ConsumerState } from './protocol.ts';

const closedError = (what: string): BrokerError => new BrokerError(`The ${what} is closed`, { code: 'CLIENT_CLOSED' });

type OnClose = (client: { close(): Promise<void> }) => void;

export class RemoteProducer implements Producer {
  readonly #connection: Connection;
  readonly #object: number;
  readonly #onClose: OnClose;
  #closed: Promise<unknown> | null = null;

  constructor(connection: Connection, object: number, onClose: OnClose) {
    this.#connection = connection;
    this.#object = object;
    this.#onClose = onClose;
  }

  async send(records: readonly RecordToSend[]): Promise<readonly TopicPartitionOffset[]> {
    if (records.length === 0 && !this.#closed) return [];
    const { content, transfer } = packToSend(records);
    const topics = records.map(({ topic }) => topic);
    return unpackPlaces(await this.#call('send', [content], transfer), topics);
  }

  async begin(): Promise<void> {
    await this.#call('begin');
  }

  async sendOffsets(offsets: readonly OffsetAndMetadata[], group: GroupMembership): Promise<void> {
    await this.#call('sendOffsets', [offsets, group]);
  }

  async commit(): Promise<void> {
    await this.#call('commit');
  }

  async abort(): Promise<void> {
    await this.#call('abort');
  }

  async recover(): Promise<void> {
    await this.#call('recover');
  }

  async close(timeoutMs = 5000): Promise<void> {
    this.#closed ??= this.#connection.call(this.#object, 'close', [timeoutMs]).finally(() => this.#onClose(this));
    await this.#closed;
  }

  #call(method: string, args: readonly unknown[] = [], transfer: ArrayBuffer[] = []): Promise<unknown> {
    if (this.#closed) throw closedError('producer');
    return this.#connection.call(this.#object, method, args, { transfer });
  }
}

const NOTHING: ConsumerState = { assignment: [], membership: null, lag: [], leaseMs: 0 };

export class RemoteConsumer implements GroupConsumer {
  readonly #connection: Connection;
  readonly #options: GroupConsumerOptions;
  readonly #onClose: OnClose;
  readonly #object: number;
  readonly #made: Promise<unknown>;
  #state = NOTHING;
  /** What was left of the lease when the last answered call was sent, by the clock of `performance.now()`. */
  #lease = { sentAt: 0, leftMs: 0 };
  /** What went wrong in a call that has no answer of its own. */
  #failure: unknown = null;
  #closed: Promise<unknown> | null = null;

  constructor(connection: Connection, options: GroupConsumerOptions, onClose: OnClose) {
    this.#connection = connection;
    this.#options = options;
    this.#onClose = onClose;
    this.#object = connection.add({
      setState: (state) => {
        if (!this.#closed) this.#state = state;
      },
      callback: ({ listener, partitions, committed }) => this.#options[listener]?.(partitions, committed),
    });
    const { onAssigned: _a, onRevoked: _r, onLost: _l, ...plain } = options;
    this.#made = connection.call(0, 'consumer', [this.#object, plain]);
    this.#made.catch(this.#fail);
  }

  get assignment(): readonly TopicPartition[] {
    return this.#state.assignment;
  }

  get membership(): GroupMembership | null {
    return this.#state.membership;
  }

  get leaseMs(): number {
    return this.#lease.leftMs - (performance.now() - this.#lease.sentAt);
  }

  async poll(options: {
    readonly maxRecords: number;
    readonly timeoutMs: number;
    readonly signal?: AbortSignal;
  }): Promise<readonly RecordRead[]> {
    const { maxRecords, timeoutMs, signal } = options;
    await this.#made;
    const runs = await this.#call('poll', [maxRecords, timeoutMs], signal);
    return unpackRead(runs as readonly unknown[]);
  }

  async ready({ timeoutMs, signal }: { readonly timeoutMs: number; readonly signal?: AbortSignal }): Promise<boolean> {
    await this.#made;
    return (await this.#call('ready', [timeoutMs], signal)) as boolean;
  }

  async commit(offsets: readonly OffsetAndMetadata[]): Promise<void> {
    await this.#call('commit', [offsets]);
  }

  seek(offsets: readonly TopicPartitionOffset[]): void {
    this.#tell('seek', offsets);
  }

  pause(partitions: readonly TopicPartition[]): void {
    this.#tell('pause', partitions);
  }

  resume(partitions: readonly TopicPartition[]): void {
    this.#tell('resume', partitions);
  }

  lag(): ReadonlyArray<TopicPartition & { readonly lag: number }> {
    return this.#state.lag;
  }

  async close(forGood = false): Promise<void> {
    this.#state = NOTHING;
    this.#closed ??= this.#connection.call(this.#object, 'close', [forGood]).finally(() => {
      this.#connection.remove(this.#object);
      this.#onClose(this);
    });
    await this.#closed;
  }

  /** Calls are answered in their order, so that the next poll comes after it. */
  #tell(method: string, partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) {
      if (!this.assignment.some((at) => at.topic === topic && at.partition === partition)) {
        throw new BrokerError(`${topic}-${partition} is not assigned to this consumer`, { code: 'NOT_ASSIGNED' });
      }
    }
    this.#call(method, [partitions]).catch(this.#fail);
  }

  readonly #fail = (error: unknown): void => {
    this.#failure ??= error;
  };

  async #call(method: string, args: readonly unknown[], signal?: AbortSignal): Promise<unknown> {
    if (this.#closed) throw closedError('consumer');
    if (this.#failure) throw this.#failure;
    const sentAt = performance.now();
    const value = await this.#connection.call(this.#object, method, args, signal ? { signal } : {});
    this.#lease = { sentAt, leftMs: this.#state.leaseMs };
    return value;
  }
}

export class RemoteReader implements TopicReader {
  readonly #connection: Connection;
  readonly #onClose: OnClose;
  readonly #object: number;
  #closed: Promise<unknown> | null = null;

  constructor(connection: Connection, options: TopicReaderOptions, onClose: OnClose) {
    this.#connection = connection;
    this.#onClose = onClose;
    const { onRecords, onError, ...plain } = options;
    this.#object = connection.add({
      records: (runs) => {
        if (!this.#closed) onRecords(unpackRead(runs));
      },
      failed: (error) => {
        if (!this.#closed) onError(error);
      },
    });
    connection.call(0, 'reader', [this.#object, plain]).catch((error: Error) => {
      if (!this.#closed) onError(error);
    });
  }

  async readToEnd(): Promise<void> {
    if (this.#closed) throw closedError('reader');
    await this.#connection.call(this.#object, 'readToEnd', []);
  }

  async close(): Promise<void> {
    this.#closed ??= this.#connection.call(this.#object, 'close', []).finally(() => {
      this.#connection.remove(this.#object);
      this.#onClose(this);
    });
    await this.#closed;
  }
}
