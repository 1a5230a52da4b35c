import { writeFile } from 'node:fs/promises';

/** What a Java properties file says; a value undefined leaves the key out. */
export type Properties = Readonly<Record<string, string | number | boolean | undefined>>;

/** Writes a Java properties file. */
export async function writeProperties(file: string, properties: Properties): Promise<void> {
  const lines = Object.entries(properties)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) =>
        `${escapeSpecial(key, /[\\ :=#!\t\n\r\f]/g)}=${escapeSpecial(String(value), /^ |[\\\t\n\r\f]/g)}\n`,
    );
  await writeFile(file, lines.join(''));
}

const CONTROL_ESCAPES: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r', '\f': '\\f' };

function escapeSpecial(text: string, special: RegExp): string {
  return text.replace(special, (character) => CONTROL_ESCAPES[character] ?? `\\${character}`);
}
