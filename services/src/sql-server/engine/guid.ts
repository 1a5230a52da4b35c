/** The first three groups of a uniqueidentifier are little-endian on the wire. */
const ORDER = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];

export function guidOfBytes(bytes: Buffer): string {
  const hex = ORDER.map((at) => (bytes[at] ?? 0).toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export function guidToBytes(text: string): Buffer {
  const plain = Buffer.from(text.replaceAll('-', ''), 'hex');
  const bytes = Buffer.alloc(16);
  ORDER.forEach((from, at) => {
    bytes[from] = plain[at]!;
  });
  return bytes;
}

/** A uniqueidentifier out of its text, with or without braces; null if it is none. */
export function parseGuid(text: string): string | null {
  const match = /^(\{?)([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/i.exec(text.trim());
  if (!match) return null;
  if (match[1] === '{' && !text.trim().slice(37).startsWith('}')) return null;
  return match[2]!.toUpperCase();
}
