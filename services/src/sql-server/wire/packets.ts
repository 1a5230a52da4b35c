/** The kinds of messages. */
export const MESSAGE = {
  batch: 1,
  rpc: 3,
  answer: 4,
  attention: 6,
  bulk: 7,
  transaction: 14,
  login: 16,
  prelogin: 18,
} as const;

const HEADER = 8;
const LAST = 0x01;
const IGNORE = 0x02;
const RESET = 0x08;
const RESET_KEEPING_TRANSACTION = 0x10;

export interface Message {
  readonly type: number;
  readonly bytes: Buffer;
  /** The client took it back while it sent it. */
  readonly ignored: boolean;
  /** The session is to be as new before it is executed. */
  readonly reset: boolean;
}

/** Puts the packets of a stream together to messages. */
export class MessageReader {
  #rest: Buffer = Buffer.alloc(0);
  #parts: Buffer[] = [];
  #reset = false;

  /** @returns the messages that are complete with these bytes */
  read(chunk: Buffer): Message[] {
    const messages: Message[] = [];
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (bytes.length >= HEADER) {
      const length = bytes.readUInt16BE(2);
      if (bytes.length < length) break;
      const [type, status] = [bytes[0]!, bytes[1]!];
      this.#parts.push(bytes.subarray(HEADER, length));
      this.#reset ||= (status & (RESET | RESET_KEEPING_TRANSACTION)) !== 0;
      bytes = bytes.subarray(length);
      if ((status & LAST) === 0) continue;
      messages.push({ type, bytes: Buffer.concat(this.#parts), ignored: (status & IGNORE) !== 0, reset: this.#reset });
      this.#parts = [];
      this.#reset = false;
    }
    this.#rest = bytes;
    return messages;
  }

  /** What is not part of a message yet. */
  get rest(): Buffer {
    return this.#rest;
  }
}

/** A message as packets. */
export function packets(type: number, bytes: Buffer, packetSize: number): Buffer {
  const room = packetSize - HEADER;
  const count = Math.max(1, Math.ceil(bytes.length / room));
  const result = Buffer.allocUnsafe(bytes.length + count * HEADER);
  for (let at = 0; at < count; at++) {
    const part = bytes.subarray(at * room, (at + 1) * room);
    const start = at * packetSize;
    result[start] = type;
    result[start + 1] = at === count - 1 ? LAST : 0;
    result.writeUInt16BE(part.length + HEADER, start + 2);
    result.writeUInt16BE(0, start + 4);
    result[start + 6] = (at + 1) & 0xff;
    result[start + 7] = 0;
    part.copy(result, start + HEADER);
  }
  return result;
}
