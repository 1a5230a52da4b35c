import { writeFile } from 'node:fs/promises';

/** What a Java properties file says; a value undefined leaves the key out. */
export type Properties = Readonly<Record<string, string | number | boolean | undefined>>;

/** Writes a Java properties file: in ASCII, for Java reads these files as ISO 8859-1. */
export async function writeProperties(file: string, properties: Properties): Promise<void> {
  const lines = Object.entries(properties)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${escapeSpecial(key, /[ :=#!]/g)}=${escapeSpecial(String(value), /^ /g)}\n`);
  await writeFile(file, lines.join(''));
}

/** Escapes `special` characters with a backslash, and backslashes, control and non-ASCII characters in any case. */
function escapeSpecial(text: string, special: RegExp): string {
  return text
    .replaceAll('\\', '\\\\')
    .replace(special, '\\$&')
    .replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
