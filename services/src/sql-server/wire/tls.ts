import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { Certificate } from '../../certificate.ts';
import { MESSAGE, MessageReader, packets } from './packets.ts';

const PACKET_SIZE = 4096;
/** The first byte of a TLS handshake, which a client of TDS 8.0 begins with. */
export const TLS_HANDSHAKE = 0x16;

/**
 * Carries TLS: while it is negotiated, in PRELOGIN messages, one for each flight; then as it is.
 */
class Tunnel extends Duplex {
  readonly #stream: Duplex;
  readonly #messages = new MessageReader();
  #plain = false;
  #flight: Buffer[] = [];

  constructor(stream: Duplex) {
    super();
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => this.#take(chunk));
    stream.on('end', () => this.push(null));
    stream.on('close', () => this.destroy());
    stream.on('error', () => this.destroy());
  }

  override _read(): void {
    this.#stream.resume();
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#plain) {
      this.#stream.write(chunk, done);
      return;
    }
    if (this.#flight.push(chunk) === 1) setImmediate(() => this.#send());
    done();
  }

  override _final(done: () => void): void {
    this.#stream.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#stream.destroy();
    done(error);
  }

  #send(): void {
    const flight = Buffer.concat(this.#flight);
    this.#flight = [];
    if (!this.#stream.destroyed) this.#stream.write(packets(MESSAGE.prelogin, flight, PACKET_SIZE));
  }

  /** Once the client sends TLS outside of messages, the negotiation is over. */
  #take(chunk: Buffer): void {
    if (!this.#plain && this.#messages.rest.length === 0 && chunk[0] !== MESSAGE.prelogin) this.#plain = true;
    if (this.#plain) {
      if (!this.push(chunk)) this.#stream.pause();
      return;
    }
    for (const { bytes } of this.#messages.read(chunk)) this.push(bytes);
  }
}

const upgrade = (stream: Duplex, { certificate, key }: Certificate, protocols: readonly string[]): TLSSocket =>
  new TLSSocket(stream, {
    isServer: true,
    cert: certificate,
    key,
    ...(protocols.length > 0 ? { ALPNProtocols: [...protocols] } : { maxVersion: 'TLSv1.2' as const }),
  });

/** The stream behind TLS that is negotiated in PRELOGIN messages. */
export async function secureInside(stream: Duplex, certificate: Certificate): Promise<Duplex> {
  const secured = upgrade(new Tunnel(stream), certificate, []);
  await once(secured, 'secure');
  return secured;
}

/** The stream behind TLS that comes first, as in TDS 8.0. */
export const secureFirst = (stream: Duplex, certificate: Certificate): Duplex =>
  upgrade(stream, certificate, ['tds/8.0']);
