import { ConfigError } from '@tributary/api';

/** Lines that end in an odd number of backslashes go on in the next one; blank lines and comments are left out. */
function logicalLines(text: string): readonly string[] {
  const lines: string[] = [];
  let line = '';
  const physical = text.split(/\r\n|\r|\n/);
  physical.forEach((raw, i) => {
    const part = raw.replace(/^[ \t\f]+/, '');
    if (line === '' && (part === '' || /^[#!]/.test(part))) return;
    line += part;
    const goesOn = /(?<!\\)(?:\\\\)*\\$/.test(part);
    if (goesOn) line = line.slice(0, -1);
    const last = i === physical.length - 1 || (i === physical.length - 2 && physical.at(-1) === '');
    if (goesOn && !last) return;
    lines.push(line);
    line = '';
  });
  return line === '' ? lines : [...lines, line];
}

const PARTS = /^((?:\\.|[^\\=: \t\f])*)[ \t\f]*[=:]?[ \t\f]*(.*)$/s;
const LETTERS: Readonly<Record<string, string>> = { t: '\t', r: '\r', n: '\n', f: '\f' };

function unescaped(text: string): string {
  return text.replace(/\\(u[0-9a-fA-F]{4}|.)/gs, (_all, code: string) => {
    if (code.length === 5) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    if (code === 'u') throw new ConfigError('Malformed \\uxxxx encoding: four hexadecimal digits must follow \\u');
    return LETTERS[code] ?? code;
  });
}

/** Reads the text of a .properties file as java.util.Properties does, character by character. @throws ConfigError for a broken `\u` */
export function parseProperties(text: string): Record<string, string> {
  const entries = logicalLines(text).map((line): [string, string] => {
    const [, key, value] = PARTS.exec(line)!;
    return [unescaped(key!), unescaped(value!)];
  });
  return Object.fromEntries(entries);
}
