/** Literals as InsertHeader reads them, and texts that look like some. */
import type { Dice } from './dice.ts';

const ATOMS = [
  'null',
  'true',
  'false',
  'TRUE',
  '0',
  '1',
  '-1',
  '127',
  '128',
  '-32769',
  '2147483648',
  '9223372036854775807',
  '9223372036854775808',
  '-9223372036854775809',
  '1.0',
  '1.5',
  '-0',
  '-0.0',
  '1e3',
  '1E40',
  '1e400',
  '0.1',
  '1.50',
  '+5',
  '007',
  '1.',
  '.5',
  '12abc',
  '0x10',
  'NaN',
  'Infinity',
  '"quoted"',
  '"a,b"',
  '"esc\\"aped"',
  'text',
  'a b',
  'é😀',
  '２',
  '',
  '2024-02-29',
  '2024-02-29T13:04:05.123Z',
  '13:04:05.123Z',
  '"2024-02-29"',
  '2024-13-45',
  '\\',
  '\\:',
  'a\\,b',
  '1e20',
  '123456789012345678901234567890',
];

export function literal(dice: Dice, depth = 2): string {
  const space = (): string => (dice.oneIn(5) ? ' ' : '');
  switch (depth === 0 ? 0 : dice.below(7)) {
    case 1:
      return `${space()}[${space()}${dice.several(dice.below(4), () => literal(dice, depth - 1)).join(`,${space()}`)}${space()}]${space()}`;
    case 2:
      return `{${dice.several(dice.below(3), () => `${literal(dice, depth - 1)}${space()}:${space()}${literal(dice, depth - 1)}`).join(',')}${space()}}`;
    case 3:
      return dice.several(1 + dice.below(8), () => dice.pick([...'[]{},:"\\ 019.-eTZan'])).join('');
    case 4:
      return String(dice.oneIn(2) ? dice.integer(70) : Number(dice.integer(50)) / 10 ** dice.below(9));
    default:
      return dice.pick(ATOMS);
  }
}
