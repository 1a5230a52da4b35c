import { writeFile } from 'node:fs/promises';

/** What a Java properties file says; a value undefined leaves the key out. */
export type Properties = Readonly<Record<string, string | number | boolean | undefined>>;

/** The text of a Java properties file: in ASCII, for Java reads these files as ISO 8859-1. */
export function propertiesText(properties: Properties): string {
  return Object.entries(properties)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${escapeSpecial(key, /[ :=#!]/g)}=${escapeSpecial(String(value), /^ /g)}\n`)
    .join('');
}

export async function writeProperties(file: string, properties: Properties): Promise<void> {
  await writeFile(file, propertiesText(properties));
}

/** Escapes `special` characters with a backslash, and backslashes, control and non-ASCII characters in any case. */
function escapeSpecial(text: string, special: RegExp): string {
  return text
    .replaceAll('\\', '\\\\')
    .replace(special, '\\$&')
    .replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
