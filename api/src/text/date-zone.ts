const HOUR = 3_600_000;

/** Names of zones with a fixed meaning, hours east of Greenwich. */
const ZONES: Readonly<Record<string, number>> = {
  UTC: 0,
  GMT: 0,
  UCT: 0,
  WET: 0,
  WEST: 1,
  BST: 1,
  CET: 1,
  CEST: 2,
  EET: 2,
  EEST: 3,
  MSK: 3,
  JST: 9,
  KST: 9,
  AST: -4,
  ADT: -3,
  EST: -5,
  EDT: -4,
  CST: -6,
  CDT: -5,
  MST: -7,
  MDT: -6,
  PST: -8,
  PDT: -7,
  AKST: -9,
  AKDT: -8,
  HST: -10,
  'Coordinated Universal Time': 0,
  'Greenwich Mean Time': 0,
};
const NAMES = Object.keys(ZONES).sort((a, b) => b.length - a.length);

export interface Zone {
  /** Milliseconds east of Greenwich. */
  readonly offset: number;
  /** Where the text goes on. */
  readonly end: number;
}

const ISO: readonly RegExp[] = [/([+-])(\d\d)/y, /([+-])(\d\d)(\d\d)/y, /([+-])(\d\d):(\d\d)/y];
const RFC_822 = /([+-])(\d\d)(\d\d)/y;
const AFTER_GMT = /([+-])(\d{1,2}):(\d\d)/y;

function numeric(pattern: RegExp, text: string, at: number): Zone | undefined {
  pattern.lastIndex = at;
  const match = pattern.exec(text);
  const hours = Number(match?.[2]);
  const minutes = Number(match?.[3] ?? 0);
  if (!match || hours > 23 || minutes > 59) return undefined;
  const size = hours * HOUR + minutes * 60_000;
  return { offset: match[1] === '-' ? -size : size, end: at + match[0].length };
}

/** Reads a zone as `X` (ISO 8601, of 1 to 3 letters) or as `z` and `Z` (`+0100`, `GMT+1:00`, a name; either letter reads all of these). */
export function parseZone(text: string, at: number, letter: 'z' | 'Z' | 'X', count: number): Zone | undefined {
  if (letter === 'X') return text[at] === 'Z' ? { offset: 0, end: at + 1 } : numeric(ISO[count - 1]!, text, at);
  if (text[at] === '+' || text[at] === '-') return numeric(RFC_822, text, at);
  const name = NAMES.find((zone) => text.slice(at, at + zone.length).toLowerCase() === zone.toLowerCase());
  if (name === undefined) return undefined;
  const end = at + name.length;
  if (name === 'GMT' && (text[end] === '+' || text[end] === '-')) return numeric(AFTER_GMT, text, end);
  return { offset: ZONES[name]! * HOUR, end };
}
