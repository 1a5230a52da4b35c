import type { Transferable } from 'node:worker_threads';
import type { OffsetAndMetadata, TopicPartition } from '@tributary/api';
import { BrokerError } from '../errors.ts';
import type {
  Broker,
  GroupConsumer,
  GroupConsumerOptions,
  Producer,
  ProducerOptions,
  RecordRead,
  TopicReader,
  TopicReaderOptions,
} from '../port.ts';
import { packPlaces, packRead, unpackToSend } from './codec.ts';
import { fromPlain, toPlain } from './errors.ts';
import type { BrokerPort, ConsumerState, Listener, ToClient, ToServer } from './protocol.ts';

interface Answer {
  readonly value: unknown;
  readonly transfer?: ArrayBuffer[];
}

/** Something made with the broker for the client. */
interface Served {
  call(method: string, args: readonly unknown[], signal: AbortSignal): Promise<Answer>;
  readonly state?: () => ConsumerState;
  close(): Promise<void>;
}

const BROKER = 0;
const TOPICS = ['create', 'describe', 'list', 'delete', 'endOffsets', 'beginningOffsets'] as const;
const GROUPS = ['committed', 'alter', 'delete', 'deleteGroup'] as const;
const PRODUCER = ['begin', 'sendOffsets', 'commit', 'abort', 'recover', 'close'] as const;
const CONSUMER = ['commit', 'seek', 'pause', 'resume', 'close'] as const;
const READER = ['readToEnd', 'close'] as const;

/**
 * Lets another thread or process use a broker, over the other end of a port: see `connectBroker`. When that end closes, or its
 * thread dies, everything that was made for it is closed; the broker itself stays open.
 * @returns stops serving
 */
export function serveBroker(broker: Broker, port: BrokerPort): () => Promise<void> {
  const server = new Server(broker, port);
  return () => server.stop();
}

class Server {
  readonly #broker: Broker;
  readonly #port: BrokerPort;
  readonly #served = new Map<number, Served>();
  readonly #calls = new Map<number, AbortController>();
  readonly #callbacks = new Map<number, PromiseWithResolvers<void>>();
  #nextCallback = 1;
  #stopped: Promise<void> | null = null;

  constructor(broker: Broker, port: BrokerPort) {
    this.#broker = broker;
    this.#port = port;
    port.on('message', (message) => this.#receive(message as ToServer));
    port.on('close', () => void this.stop());
    port.unref();
    this.#post({ type: 'hello', clusterId: broker.clusterId, atomicSends: broker.atomicSends });
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    for (const call of this.#calls.values()) call.abort();
    const gone = new BrokerError('The thread that used the broker is gone', { code: 'CLIENT_GONE' });
    for (const callback of this.#callbacks.values()) callback.reject(gone);
    await Promise.allSettled([...this.#served.values()].map((object) => object.close()));
    this.#served.clear();
    this.#port.close();
  }

  #receive(message: ToServer): void {
    if (message.type === 'abort') {
      this.#calls.get(message.id)?.abort();
    } else if (message.type === 'answer') {
      const callback = this.#callbacks.get(message.id);
      this.#callbacks.delete(message.id);
      if (message.error) callback?.reject(fromPlain(message.error));
      else callback?.resolve();
    } else {
      void this.#answer(message);
    }
  }

  async #answer({ id, object, method, args }: ToServer & { type: 'call' }): Promise<void> {
    const abort = new AbortController();
    this.#calls.set(id, abort);
    const state = (): ConsumerState | null => this.#served.get(object)?.state?.() ?? null;
    try {
      const { value, transfer } = await this.#call(object, method, args, abort.signal);
      this.#post({ type: 'result', id, value, state: state() }, transfer);
    } catch (error) {
      this.#post({ type: 'error', id, error: toPlain(error), state: state() });
    } finally {
      this.#calls.delete(id);
      if (method === 'close') this.#served.delete(object);
    }
  }

  #call(object: number, method: string, args: readonly unknown[], signal: AbortSignal): Promise<Answer> {
    if (object === BROKER) return this.#callBroker(method, args);
    const served = this.#served.get(object);
    if (!served) throw new BrokerError('This has been closed', { code: 'CLIENT_CLOSED' });
    return served.call(method, args, signal);
  }

  async #callBroker(method: string, args: readonly unknown[]): Promise<Answer> {
    const [kind, name] = method.split('.') as [string, string?];
    if (kind === 'topics') return invoke(this.#broker.topics, TOPICS, name!, args);
    if (kind === 'groups') return invoke(this.#broker.groups, GROUPS, name!, args);
    const object = args[0] as number;
    if (kind === 'producer') {
      const producer = await this.#broker.producer(args[1] as ProducerOptions);
      this.#served.set(object, serveProducer(producer));
    } else if (kind === 'consumer') {
      this.#served.set(object, this.#serveConsumer(object, args[1] as GroupConsumerOptions));
    } else if (kind === 'reader') {
      this.#served.set(object, this.#serveReader(object, args[1] as TopicReaderOptions));
    } else {
      throw new BrokerError(`Unknown call ${method}`, { code: 'INVALID_REQUEST' });
    }
    return { value: undefined };
  }

  #serveConsumer(object: number, options: GroupConsumerOptions): Served {
    const listen =
      (listener: Listener) =>
      (partitions: readonly TopicPartition[], committed: readonly OffsetAndMetadata[] = []): Promise<void> => {
        const id = this.#nextCallback++;
        const answered = Promise.withResolvers<void>();
        this.#callbacks.set(id, answered);
        this.#post({ type: 'callback', id, object, listener, partitions, committed, state: state() });
        return answered.promise;
      };
    const consumer: GroupConsumer = this.#broker.consumer({
      ...options,
      onAssigned: listen('onAssigned'),
      onRevoked: listen('onRevoked'),
      onLost: listen('onLost'),
    });
    const state = (): ConsumerState => ({
      assignment: consumer.assignment,
      membership: consumer.membership,
      lag: consumer.lag(),
      leaseMs: consumer.leaseMs,
    });
    return {
      state,
      close: () => consumer.close(),
      call: async (method, args, signal) => {
        if (method === 'ready') return { value: await consumer.ready({ timeoutMs: args[0] as number, signal }) };
        if (method !== 'poll') return invoke(consumer, CONSUMER, method, args);
        const [maxRecords, timeoutMs] = args as [number, number];
        const { content, transfer } = packRead(await consumer.poll({ maxRecords, timeoutMs, signal }));
        return { value: content, transfer };
      },
    };
  }

  #serveReader(object: number, options: TopicReaderOptions): Served {
    const reader: TopicReader = this.#broker.reader({
      ...options,
      onRecords: (records: readonly RecordRead[]) => {
        const { content, transfer } = packRead(records);
        this.#post({ type: 'records', object, runs: content }, transfer);
      },
      onError: (error) => this.#post({ type: 'failed', object, error: toPlain(error) }),
    });
    return {
      close: () => reader.close(),
      call: (method, args) => invoke(reader, READER, method, args),
    };
  }

  #post(message: ToClient, transfer: readonly Transferable[] = []): void {
    this.#port.postMessage(message, transfer);
  }
}

function serveProducer(producer: Producer): Served {
  return {
    // The client is gone: nobody waits for what it had under way.
    close: () => producer.close(0),
    call: async (method, args) => {
      if (method !== 'send') return invoke(producer, PRODUCER, method, args);
      const { content, transfer } = packPlaces(await producer.send(unpackToSend(args[0] as readonly unknown[])));
      return { value: content, transfer };
    },
  };
}

async function invoke<T extends object, M extends keyof T & string>(
  object: T,
  methods: readonly M[],
  name: string,
  args: readonly unknown[],
): Promise<Answer> {
  const method = methods.find((known) => known === name);
  if (!method) throw new BrokerError(`Unknown call ${name}`, { code: 'INVALID_REQUEST' });
  const value = await (object[method] as (...args: readonly unknown[]) => unknown)(...args);
  return { value };
}
