import type { BrokerConnection } from './connection.ts';
import type { ConnectionSet } from './connection-set.ts';
import { TransientFault } from './faults.ts';

/** Connections to brokers, opened as they are needed. */
export interface Connections {
  /** @throws TransientFault if the broker is unknown or cannot be reached, or after `close` */
  get(node: number): Promise<BrokerConnection>;
  /** No more requests will be made with them. */
  close(): void;
}

interface Shared {
  readonly connections: ConnectionSet;
  users: number;
}

/**
 * A few connections to each broker that many clients share, for requests that a broker answers at once: it works at one request of
 * a connection at a time, so that one which waits there would hold up the others behind it.
 */
export class ConnectionPool {
  readonly #size: number;
  readonly #open: () => ConnectionSet;
  readonly #sets: Shared[] = [];

  /** @param size the connections to each broker, at most */
  constructor(size: number, open: () => ConnectionSet) {
    this.#size = size;
    this.#open = open;
  }

  /** Those with the fewest users. */
  lease(): Connections {
    const shared = this.#leastUsed();
    shared.users++;
    let closed = false;
    return {
      async get(node) {
        if (closed) throw new TransientFault('the client is closed');
        return shared.connections.get(node);
      },
      close: () => {
        if (closed) return;
        closed = true;
        if (--shared.users > 0) return;
        this.#sets.splice(this.#sets.indexOf(shared), 1);
        shared.connections.close();
      },
    };
  }

  #leastUsed(): Shared {
    if (this.#sets.length < this.#size) {
      const added = { connections: this.#open(), users: 0 };
      this.#sets.push(added);
      return added;
    }
    return this.#sets.reduce((least, one) => (one.users < least.users ? one : least));
  }

  close(): void {
    for (const { connections } of this.#sets.splice(0)) connections.close();
  }
}
