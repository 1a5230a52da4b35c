import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Client } from 'cassandra-driver';

interface Connection {
  /** Ends what waits for an answer with an error; nothing happens when it is closed. */
  close(): void;
}

interface Host {
  shutdown(waitForPending: boolean): Promise<void>;
}

/** What the driver keeps to itself. */
interface Insides {
  readonly controlConnection: {
    _createConnection(contactPoint: string): Promise<Connection>;
    _refresh(hosts?: Iterator<unknown>): Promise<void>;
  };
}

const AGAIN_MS = 1_000;

/**
 * The connection over which the driver finds out about the cluster. Mends what cassandra-driver 4.10 does wrong with it when
 * no node could be reached for a while:
 * - each outage doubles how often it is made anew, at the same time: 1, 2, 4 connections after one, two, three outages;
 * - what an attempt to connect has opened stays open when the attempt fails afterwards, or the client is shut down meanwhile;
 * - the pool of a node that came back, and counts as another one, connects anew for ever, also after `shutdown()`;
 * - a refresh that fails in a way that was not thought of rejects where nobody listens, which would end the process.
 */
export class ControlConnection {
  readonly #client: Client;
  #last: Connection | undefined;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(client: Client) {
    this.#client = client;
    // A pool that is to wait for what is pending starts again when it has.
    client.on('hostRemove', (host: Host) => host.shutdown(false));
    const control = (client as unknown as Insides).controlConnection;
    const create = control._createConnection.bind(control);
    control._createConnection = async (contactPoint) => {
      // It is asked for when the last one is of no use any more.
      this.discard();
      const connection = await create(contactPoint);
      this.#last = connection;
      if (this.#closed) this.discard();
      return connection;
    };
    const refresh = control._refresh.bind(control);
    let underWay: Promise<void> | undefined;
    // With the hosts that are left to try, it is the one under way that asks.
    control._refresh = (hosts) => {
      if (hosts) return refresh(hosts);
      underWay ??= refresh()
        // The driver calls it from a timer as well, where nobody would catch what it throws.
        .catch(() => this.#later(() => control._refresh()))
        .finally(() => {
          underWay = undefined;
        });
      return underWay;
    };
  }

  #later(refresh: () => Promise<void>): void {
    if (!this.#closed) this.#timer = setTimeout(refresh, AGAIN_MS);
  }

  /** Closes what the last attempt to connect has opened. */
  discard(): void {
    this.#last?.close();
    this.#last = undefined;
  }

  /** Closes all that is left; to be called when the client is shut down. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.discard();
    // What waited for that connection has its error by then.
    await nextTurn();
    await Promise.all((this.#client.hosts?.values() ?? []).map((host) => (host as unknown as Host).shutdown(false)));
  }
}
