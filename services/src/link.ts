import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { LOOPBACK } from './ports.ts';

/**
 * What a {@link Link} does to its bytes, also to those of connections made meanwhile:
 * - `both`, `requests`, `answers`: it holds what goes both ways, to the server or back, as a network that is cut does
 * - `refused`: it breaks every connection at once
 */
export type LinkFault = 'both' | 'requests' | 'answers' | 'refused';

/** One direction of a connection. */
class Flow {
  readonly #from: Socket;
  readonly #to: Socket;
  #held = false;

  constructor(from: Socket, to: Socket) {
    this.#from = from;
    this.#to = to;
    from.on('data', (chunk) => {
      if (!to.write(chunk)) from.pause();
    });
    from.on('end', () => to.end());
    to.on('drain', () => {
      if (!this.#held) from.resume();
    });
  }

  hold(held: boolean): void {
    this.#held = held;
    if (held) this.#from.pause();
    else if (!this.#to.writableNeedDrain) this.#from.resume();
  }
}

interface Way {
  readonly client: Socket;
  readonly server: Socket;
  readonly requests: Flow;
  readonly answers: Flow;
}

/** A TCP proxy that a network can be cut with. What it holds is delivered late, as TCP does once a network is whole again. */
export class Link {
  /** Where clients connect, on 127.0.0.1. */
  readonly port: number;
  readonly #server: Server;
  readonly #target: number;
  readonly #ways = new Set<Way>();
  #fault: LinkFault | null = null;

  private constructor(server: Server, target: number) {
    this.#server = server;
    this.#target = target;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (client) => this.#serve(client));
  }

  /** @param target a port of 127.0.0.1 */
  static async open(target: number): Promise<Link> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    server.listen(0, LOOPBACK);
    await once(server, 'listening');
    return new Link(server, target);
  }

  /** What is wrong with it; null if nothing. */
  get fault(): LinkFault | null {
    return this.#fault;
  }

  /** Makes it go wrong from now on; null mends it. */
  set fault(fault: LinkFault | null) {
    this.#fault = fault;
    for (const way of this.#ways) this.#apply(way);
  }

  /** How many connections run through it. */
  get connections(): number {
    return this.#ways.size;
  }

  async close(): Promise<void> {
    this.#server.close();
    for (const way of this.#ways) destroy(way);
    await once(this.#server, 'close');
  }

  #serve(client: Socket): void {
    const server = connect({ port: this.#target, host: LOOPBACK, allowHalfOpen: true, noDelay: true });
    const way = { client, server, requests: new Flow(client, server), answers: new Flow(server, client) };
    this.#ways.add(way);
    for (const socket of [client, server]) {
      socket.on('error', () => destroy(way));
      socket.on('close', () => {
        destroy(way);
        this.#ways.delete(way);
      });
    }
    this.#apply(way);
  }

  #apply(way: Way): void {
    if (this.#fault === 'refused') destroy(way);
    way.requests.hold(this.#fault === 'both' || this.#fault === 'requests');
    way.answers.hold(this.#fault === 'both' || this.#fault === 'answers');
  }
}

function destroy({ client, server }: Way): void {
  client.destroy();
  server.destroy();
}
