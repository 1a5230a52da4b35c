import { type Address, BrokerConnection, type ConnectionSettings } from './connection.ts';
import { TransientFault } from './faults.ts';

/** The connections of one client, one to each broker it talks to, opened at first use and again when lost. */
export class ConnectionSet {
  readonly #settings: ConnectionSettings;
  readonly #addressOf: (node: number) => Address;
  readonly #open = new Map<string, Promise<BrokerConnection>>();
  #closed = false;

  /** @param addressOf throws a TransientFault if the broker is unknown */
  constructor(settings: ConnectionSettings, addressOf: (node: number) => Address) {
    this.#settings = settings;
    this.#addressOf = addressOf;
  }

  /** @throws TransientFault if the broker is unknown or cannot be reached */
  async get(node: number): Promise<BrokerConnection> {
    return this.open(this.#addressOf(node));
  }

  async open(address: Address): Promise<BrokerConnection> {
    if (this.#closed) throw new TransientFault('the client is closed');
    const key = `${address.host}:${address.port}`;
    const opening = this.#open.get(key);
    if (opening) {
      const connection = await opening;
      if (connection.usable) return connection;
      if (this.#open.get(key) !== opening) return this.open(address);
      // It may still be there, busy with authenticating anew.
      connection.close();
    }
    const next = BrokerConnection.open(address, this.#settings);
    this.#open.set(key, next);
    try {
      const connection = await next;
      if (this.#closed) {
        connection.close();
        throw new TransientFault('the client is closed');
      }
      return connection;
    } catch (error) {
      if (this.#open.get(key) === next) this.#open.delete(key);
      throw error;
    }
  }

  /** Drops all connections; requests under way fail. */
  close(): void {
    this.#closed = true;
    for (const opening of this.#open.values()) {
      opening.then(
        (connection) => connection.close(),
        () => {},
      );
    }
    this.#open.clear();
  }
}
