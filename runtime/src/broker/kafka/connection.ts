/** One TCP connection to one broker. Requests answer in order; the caller limits how many are under way. */

import { isIP } from 'node:net';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import type { API, ConnectionOptions, SASLOptions } from '@platformatic/kafka';
import { messageOf } from '@tributary/api';
import { BrokerError } from '../errors.ts';
import { TransientFault } from './faults.ts';
import { AuthenticationError, Connection, ResponseError } from './library.ts';

export interface ConnectionSettings {
  readonly clientId: string;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly tls: TlsOptions | undefined;
  readonly sasl: SASLOptions | undefined;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Certificates that do not fit will not fit the next time either. */
const TLS_REFUSALS: ReadonlySet<string> = new Set([
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

const KEEP_ALIVE_MS = 30_000;

function causes(error: unknown): Error[] {
  const chain: Error[] = [];
  for (let next = error; next instanceof Error && chain.length < 8; next = next.cause) chain.push(next);
  return chain;
}

export class BrokerConnection {
  readonly address: Address;
  readonly #connection: Connection;
  #usable = false;

  private constructor(address: Address, settings: ConnectionSettings) {
    this.address = address;
    const options: ConnectionOptions = {
      connectTimeout: settings.connectTimeoutMs,
      requestTimeout: settings.requestTimeoutMs,
      maxInflights: 16,
    };
    if (settings.tls) {
      options.tls = settings.tls;
      if (isIP(address.host) === 0) options.tlsServerName = true;
    }
    if (settings.sasl) options.sasl = settings.sasl;
    this.#connection = new Connection(settings.clientId, options);
    this.#connection.on('error', () => {
      this.#usable = false;
    });
    this.#connection.on('close', () => {
      this.#usable = false;
    });
  }

  /** @throws TransientFault if the broker cannot be reached, BrokerError if it refuses us */
  static async open(address: Address, settings: ConnectionSettings): Promise<BrokerConnection> {
    const connection = new BrokerConnection(address, settings);
    try {
      await connection.#connection.connect(address.host, address.port);
    } catch (error) {
      connection.close();
      const chain = causes(error);
      const where = `${address.host}:${address.port}`;
      if (chain.some((cause) => cause instanceof AuthenticationError)) {
        const detail = chain.at(-1);
        throw new BrokerError(
          `Broker ${where} refuses to authenticate this client (${settings.sasl?.mechanism}): check sasl.mechanism and sasl.jaas.config`,
          { code: 'SASL_AUTHENTICATION_FAILED', cause: detail },
        );
      }
      const tls = chain.find((cause) => TLS_REFUSALS.has((cause as NodeJS.ErrnoException).code ?? ''));
      if (tls) {
        throw new BrokerError(
          `The TLS certificate of broker ${where} is not trusted: ${tls.message}; check ssl.truststore.* and ssl.endpoint.identification.algorithm`,
          { code: 'SSL_HANDSHAKE_FAILED', cause: tls },
        );
      }
      throw new TransientFault(`no connection to ${where}: ${chain.map(messageOf).join(': ')}`, { cause: error });
    }
    // Finds out about peers that vanished without a word, while a long request waits.
    connection.#connection.socket.setKeepAlive(true, KEEP_ALIVE_MS);
    connection.#usable = true;
    return connection;
  }

  get usable(): boolean {
    return this.#usable && this.#connection.isConnected();
  }

  /**
   * Sends a request and waits for its answer, whose error codes the caller checks.
   * @throws TransientFault with `ambiguous` when the connection broke or the time was up
   */
  call<Arguments extends unknown[], Response>(api: API<Arguments, Response>, ...args: Arguments): Promise<Response> {
    return new Promise((resolve, reject) => {
      const done = (error: Error | null, response?: Response) => {
        if (!error) resolve(response as Response);
        else if (error instanceof ResponseError && error.response !== undefined) resolve(error.response as Response);
        else {
          this.close();
          const { host, port } = this.address;
          const text = causes(error).map(messageOf).join(': ');
          reject(new TransientFault(`broker ${host}:${port}: ${text}`, { cause: error, ambiguous: true }));
        }
      };
      (api as unknown as (connection: Connection, ...all: unknown[]) => void)(this.#connection, ...args, done);
    });
  }

  /** Drops the connection; requests under way fail. */
  close(): void {
    this.#usable = false;
    const socket = this.#connection.socket;
    if (socket) socket.destroy();
    void this.#connection.close().catch(() => {});
  }
}
