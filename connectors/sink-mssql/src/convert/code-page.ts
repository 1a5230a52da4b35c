/** The encodings that Node knows of the code pages that SQL Server's collations have. */
const ENCODINGS: Readonly<Record<number, string>> = {
  874: 'windows-874',
  932: 'shift_jis',
  936: 'gbk',
  949: 'euc-kr',
  950: 'big5',
  1250: 'windows-1250',
  1251: 'windows-1251',
  1252: 'windows-1252',
  1253: 'windows-1253',
  1254: 'windows-1254',
  1255: 'windows-1255',
  1256: 'windows-1256',
  1257: 'windows-1257',
  1258: 'windows-1258',
};
const UTF8 = 65_001;
const ASCII = /^[\0-\x7f]*$/;

const sizes = new Map<number, ReadonlyMap<string, number>>();

/**
 * How many bytes text takes in a code page; undefined if it has characters that the code page has not, which SQL Server would turn into
 * question marks or into letters that look alike.
 */
export function bytesIn(text: string, codePage: number): number | undefined {
  if (ASCII.test(text)) return text.length;
  if (codePage === UTF8) return text.isWellFormed() ? Buffer.byteLength(text) : undefined;
  const characters = charactersOf(codePage);
  // A code page that is not known here is the server's to judge.
  if (!characters) return text.length;
  let bytes = 0;
  for (const character of text) {
    const size = characters.get(character);
    if (size === undefined) return undefined;
    bytes += size;
  }
  return bytes;
}

/** Every character of a code page with its size in bytes, found by decoding whatever one or two bytes can be. */
function charactersOf(codePage: number): ReadonlyMap<string, number> | undefined {
  const encoding = ENCODINGS[codePage];
  if (encoding === undefined) return undefined;
  const known = sizes.get(codePage);
  if (known) return known;
  const decoder = new TextDecoder(encoding, { fatal: true });
  const characters = new Map<string, number>();
  const add = (...bytes: readonly number[]): boolean => {
    try {
      const text = decoder.decode(Uint8Array.from(bytes));
      if ([...text].length === 1 && !characters.has(text)) characters.set(text, bytes.length);
      return true;
    } catch {
      return false;
    }
  };
  for (let first = 0; first < 256; first++) {
    if (add(first) || codePage >= 1250 || codePage === 874) continue;
    for (let second = 0x40; second < 256; second++) add(first, second);
  }
  sizes.set(codePage, characters);
  return characters;
}
