import { Reader, Writer } from './bytes.ts';

/** What both sides say of encryption in PRELOGIN. */
export const ENCRYPT = { off: 0, on: 1, notSupported: 2, required: 3 } as const;

const TOKEN = { version: 0, encryption: 1, instance: 2, thread: 3, mars: 4, end: 0xff };

/** What the client says of encryption. */
export function preloginEncryption(bytes: Buffer): number {
  for (let at = 0; bytes[at] !== TOKEN.end; at += 5) {
    if (bytes[at] === TOKEN.encryption) return bytes[bytes.readUInt16BE(at + 1)]!;
  }
  return ENCRYPT.notSupported;
}

export function preloginAnswer(encryption: number): Buffer {
  const options: [number, Buffer][] = [
    [TOKEN.version, Buffer.from([16, 0, 0x03, 0xe8, 0, 6])],
    [TOKEN.encryption, Buffer.from([encryption])],
    [TOKEN.instance, Buffer.from([0])],
    [TOKEN.thread, Buffer.alloc(0)],
    [TOKEN.mars, Buffer.from([0])],
  ];
  const head = Buffer.alloc(options.length * 5 + 1);
  let at = head.length;
  options.forEach(([token, data], index) => {
    head[index * 5] = token;
    head.writeUInt16BE(at, index * 5 + 1);
    head.writeUInt16BE(data.length, index * 5 + 3);
    at += data.length;
  });
  head[head.length - 1] = TOKEN.end;
  return Buffer.concat([head, ...options.map(([, data]) => data)]);
}

export interface Login7 {
  readonly packetSize: number;
  readonly user: string;
  readonly password: string;
  readonly app: string;
  readonly host: string;
  readonly database: string;
  /** It brings a token of Windows or Entra instead of a password. */
  readonly integrated: boolean;
}

export function readLogin(bytes: Buffer): Login7 {
  const head = new Reader(bytes);
  head.at = 8;
  const packetSize = head.u32();
  const flags2 = bytes[25]!;
  const field = (at: number): string => {
    const place = new Reader(bytes);
    place.at = at;
    const [offset, length] = [place.u16(), place.u16()];
    return bytes.subarray(offset, offset + length * 2).toString('utf16le');
  };
  const [from, characters] = [bytes.readUInt16LE(44), bytes.readUInt16LE(46)];
  return {
    packetSize,
    host: field(36),
    user: field(40),
    password: unscramble(bytes.subarray(from, from + characters * 2)),
    app: field(48),
    database: field(68),
    integrated: (flags2 & 0x80) !== 0,
  };
}

/** Passwords are sent with the halves of each byte exchanged, XOR 0xa5. */
function unscramble(bytes: Buffer): string {
  const plain = Buffer.from(new Uint8Array(bytes));
  for (let at = 0; at < plain.length; at++) {
    const byte = plain[at]! ^ 0xa5;
    plain[at] = ((byte << 4) | (byte >> 4)) & 0xff;
  }
  return plain.toString('utf16le');
}

/** The LOGINACK token for TDS 7.4. */
export function loginAck(to: Writer): void {
  const name = 'Microsoft SQL Server';
  const body = new Writer();
  body
    .u8(1)
    .bytes(Buffer.from([0x74, 0, 0, 4]))
    .shortText(name)
    .bytes(Buffer.from([16, 0, 0x03, 0xe8]));
  to.u8(0xad).u16(body.length).bytes(body.written);
}
