export interface Names {
  readonly short: readonly string[];
  readonly long: readonly string[];
}

export const ERAS: Names = { short: ['BC', 'AD'], long: ['Before Christ', 'Anno Domini'] };
export const HALVES: Names = { short: ['AM', 'PM'], long: ['AM', 'PM'] };
const LONG_DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const LONG_MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const shorten = (names: readonly string[]): string[] => names.map((name) => name.slice(0, 3));
export const DAYS: Names = { short: shorten(LONG_DAYS), long: LONG_DAYS };
export const MONTHS: Names = { short: shorten(LONG_MONTHS), long: LONG_MONTHS };

/** The longest name that the text goes on with, in any case. */
export function parseName(text: string, at: number, names: Names): { index: number; end: number } | undefined {
  for (const list of [names.long, names.short]) {
    const index = list.findIndex((name) => text.slice(at, at + name.length).toLowerCase() === name.toLowerCase());
    if (index >= 0) return { index, end: at + list[index]!.length };
  }
  return undefined;
}
