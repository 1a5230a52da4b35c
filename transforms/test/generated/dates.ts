/** Patterns of java.text.SimpleDateFormat, and texts that may fit them. */
import { DateFormat } from '@tributary/api/text';
import type { Dice } from './dice.ts';

const PATTERNS = [
  'yyyy-MM-dd HH:mm:ss',
  'yyyy-MM-dd',
  "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
  "yyyy-MM-dd'T'HH:mm:ss'Z'",
  'dd/MM/yy',
  'yyyyMMdd',
  'yyyyMMddHHmmssSSS',
  'EEE, d MMM yyyy HH:mm:ss Z',
  'MMMM d, yyyy h:mm a',
  'HH:mm',
  'D yyyy',
  "YYYY-'W'ww-u",
  'yyyy G',
  'yyyy.MM.dd z',
  "''yy''",
  'S',
  'K:mm a',
  'kk:mm',
  'F E MMM yyyy',
];
const LETTERS = 'GyYMLwWDdFEuaHkKhmsSzZX';
const TEXTS = [
  '2024-02-29 13:04:05',
  '2024-02-29',
  '2024-02-29T13:04:05.123+01:00',
  '2024-02-29T13:04:05.123Z',
  '2024-02-29T13:04:05Z',
  '29/02/24',
  '01/01/50',
  '20240229',
  '20240229130405123',
  'Thu, 29 Feb 2024 13:04:05 +0100',
  'February 29, 2024 1:04 pm',
  '13:04',
  '24:00',
  '60 2024',
  '2024-W09-4',
  '0044 BC',
  '2024.02.29 PST',
  "'24'",
  '-5',
  '1969-12-31 23:59:59',
  '2024-13-45 99:99:99',
  '1582-10-10',
  '0001-01-01',
  '10000-01-01',
  '2024-2-9',
  ' 2024-02-29',
  '2024-02-29 trailing',
  'now',
];

/** A pattern; once in a while one that Java refuses. */
export function datePattern(dice: Dice): string {
  if (!dice.oneIn(3)) return dice.pick(PATTERNS);
  if (dice.oneIn(12)) return dice.pick(['b', 'yyyy-MM-ddT', "'open", 'XXXX', 'yyyy j']);
  return dice
    .several(1 + dice.below(4), () => dice.pick([...LETTERS]).repeat(1 + dice.below(dice.oneIn(3) ? 5 : 2)))
    .map(
      (letters) =>
        (letters.startsWith('X') ? letters.slice(0, 3) : letters) + dice.pick(['', ' ', '-', '/', ':', "'o''clock'"]),
    )
    .join('');
}

/** A text of the list, or a date written by one of the patterns, at times cut short or with something behind it. */
export function dateText(dice: Dice): string {
  if (dice.oneIn(2)) return dice.pick(TEXTS);
  const millis = dice.oneIn(4) ? Number(dice.integer(50)) : dice.below(4e9) * 1000 + dice.below(1000) - 1e12;
  const text = new DateFormat(dice.pick(PATTERNS)).format(new Date(millis));
  return dice.oneIn(8)
    ? text.slice(0, dice.below(text.length))
    : dice.oneIn(8)
      ? `${text}${dice.pick([' ', '0', 'Z', 'x'])}`
      : text;
}
