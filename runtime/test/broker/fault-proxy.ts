/**
 * A TCP proxy that understands Kafka's framing and goes wrong on request: before a request is forwarded, after the broker has
 * carried it out but before its answer arrives, halfway through the answer, or not at all for a while.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Random } from '@tributary/services';

/**
 * - `cutBefore`: the connection breaks, the broker never sees the request
 * - `cutAfter`: the broker carries the request out, then the connection breaks without an answer
 * - `cutWithin`: the connection breaks halfway through the answer
 * - `swallow`: the answer is lost and the connection stays: the client must notice by itself
 * - `hold`: the broker does not see the request, nor those behind it on the connection, before `letGo`
 * - a number: the answer is so many milliseconds late
 */
export type Fault = 'cutBefore' | 'cutAfter' | 'cutWithin' | 'swallow' | 'hold' | number;

export interface SeenRequest {
  /** Kafka's API key: 0 is Produce, 1 Fetch ... */
  readonly apiKey: number;
  readonly clientId: string;
  /** Counts the requests over all connections. */
  readonly number: number;
}

export type FaultPlan = (request: SeenRequest) => Fault | null;

export const NO_FAULTS: FaultPlan = () => null;

/** JoinGroup and SyncGroup. */
const JOINING: readonly number[] = [11, 14];

/** Faults at random for `share` of the requests, the same ones for the same seed and order of requests. */
export function randomFaults(seed: number, share: number, kinds: readonly Fault[]): FaultPlan {
  const random = new Random(seed);
  return ({ apiKey }) => {
    if (random.next() >= share) return null;
    const fault = random.pick(kinds);
    // Joining may take as long as the slowest member: a lost answer is noticed after the rebalance timeout only.
    return fault === 'swallow' && JOINING.includes(apiKey) ? 'cutAfter' : fault;
  };
}

/** Splits a stream into frames with a 32-bit length. */
class Frames {
  #rest = Buffer.alloc(0);

  *add(data: Buffer): Generator<Buffer> {
    this.#rest = Buffer.concat([this.#rest, data]);
    while (this.#rest.length >= 4) {
      const end = 4 + this.#rest.readInt32BE(0);
      if (this.#rest.length < end) return;
      yield this.#rest.subarray(0, end);
      this.#rest = this.#rest.subarray(end);
    }
  }
}

export class FaultProxy {
  readonly port: number;
  /** How many requests went wrong, by kind. */
  readonly faults = new Map<string, number>();
  /** What goes wrong from now on. */
  plan: FaultPlan = NO_FAULTS;
  readonly #server: Server;
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  /** For each connection on which requests are held: what forwards them. */
  readonly #holds = new Set<() => void>();
  #requests = 0;

  private constructor(server: Server, target: number) {
    this.#server = server;
    this.#target = target;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (client) => this.#serve(client));
  }

  /** @param target the broker's port on loopback */
  static async start(target: number, port = 0): Promise<FaultProxy> {
    const server = createServer();
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return new FaultProxy(server, target);
  }

  /** Breaks all connections. */
  cutAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Connections on which requests are held. */
  get holding(): number {
    return this.#holds.size;
  }

  /** Forwards what is held. */
  letGo(): void {
    for (const forward of this.#holds) forward();
    this.#holds.clear();
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.cutAll();
    await once(this.#server, 'close');
  }

  #serve(client: Socket): void {
    const broker = connect(this.#target, '127.0.0.1');
    const cut = () => {
      client.destroy();
      broker.destroy();
    };
    let held: Buffer[] | undefined;
    const forward = () => {
      for (const frame of held ?? []) broker.write(frame);
      held = undefined;
    };
    for (const socket of [client, broker]) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', cut);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        this.#holds.delete(forward);
        cut();
      });
    }
    const atAnswer = new Map<number, Fault>();
    const requests = new Frames();
    client.on('data', (data) => {
      for (const frame of requests.add(data)) {
        if (held) {
          held.push(frame);
          continue;
        }
        const fault = this.#faultFor(frame);
        if (fault === 'cutBefore') return cut();
        if (fault === 'hold') {
          held = [frame];
          this.#holds.add(forward);
          continue;
        }
        if (fault !== null) atAnswer.set(frame.readInt32BE(8), fault);
        broker.write(frame);
      }
    });
    const answers = new Frames();
    let ready: Promise<void> = Promise.resolve();
    broker.on('data', (data) => {
      for (const frame of answers.add(data)) {
        const answer = Buffer.from(frame);
        const fault = atAnswer.get(answer.readInt32BE(4)) ?? null;
        // Answers keep their order, also behind a late one.
        if (typeof fault === 'number') ready = ready.then(() => new Promise((resolve) => setTimeout(resolve, fault)));
        ready = ready.then(() => {
          if (fault === 'cutAfter') return cut();
          if (fault === 'cutWithin') {
            client.write(answer.subarray(0, answer.length >> 1));
            client.end(cut);
          } else if (fault !== 'swallow') client.write(answer);
        });
      }
    });
  }

  #faultFor(frame: Buffer): Fault | null {
    const idLength = frame.readInt16BE(12);
    const clientId = idLength > 0 ? frame.toString('utf8', 14, 14 + idLength) : '';
    // The broker talks to itself by its advertised address too, and waits long when that goes wrong: not ours to disturb.
    if (/^(broker-|AddPartitionsManager)/.test(clientId)) return null;
    const fault = this.plan({ apiKey: frame.readInt16BE(4), clientId, number: this.#requests++ });
    if (fault !== null) {
      const kind = typeof fault === 'number' ? 'late' : fault;
      this.faults.set(kind, (this.faults.get(kind) ?? 0) + 1);
    }
    return fault;
  }
}
