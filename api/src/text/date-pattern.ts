import { DataError } from '../errors.ts';

/** A pattern letter, repeated `count` times, or (`letter` null) text that stands for itself. */
export interface PatternItem {
  readonly letter: string | null;
  readonly count: number;
  readonly literal: string;
}

const LETTERS = 'GyYMLwWDdFEuaHkKhmsSzZX';

/** @throws DataError with Java's words */
export function parsePattern(pattern: string): PatternItem[] {
  const items: PatternItem[] = [];
  let literal = '';
  const flush = (): void => {
    if (literal !== '') items.push({ letter: null, count: 0, literal });
    literal = '';
  };
  let i = 0;
  while (i < pattern.length) {
    const char = pattern[i]!;
    if (char === "'") {
      const { text, end } = quoted(pattern, i);
      literal += text;
      i = end;
    } else if (/[A-Za-z]/.test(char)) {
      if (!LETTERS.includes(char)) throw new DataError(`Illegal pattern character '${char}'`);
      flush();
      const start = i;
      while (pattern[i] === char) i++;
      if (char === 'X' && i - start > 3) throw new DataError(`invalid ISO 8601 format: length=${i - start}`);
      items.push({ letter: char, count: i - start, literal: '' });
    } else {
      literal += char;
      i++;
    }
  }
  flush();
  return items;
}

function quoted(pattern: string, start: number): { text: string; end: number } {
  if (pattern[start + 1] === "'") return { text: "'", end: start + 2 };
  let text = '';
  for (let i = start + 1; i < pattern.length; i++) {
    if (pattern[i] !== "'") text += pattern[i];
    else if (pattern[i + 1] === "'") {
      text += "'";
      i++;
    } else return { text, end: i + 1 };
  }
  throw new DataError('Unterminated quote');
}
