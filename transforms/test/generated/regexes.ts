/** Regular expressions in Java's syntax, and replacements. */
import type { Dice } from './dice.ts';

const WHOLE = [
  '.*',
  '(.*)',
  'quotes',
  '(?i)quotes',
  '(\\w+)',
  '([^.]+)\\.(.*)',
  '(?<env>\\w+)\\.(.*)-(\\d)',
  '\\Qa|b\\E',
  'a|a\\|b',
  '.',
  '',
  '(?s).*',
  '[a-z&&[^q]]+',
  '\\p{Lower}+',
  '\\p{IsAlphabetic}+',
  '\\p{L}+',
  '(?x) quotes # c',
  '\\w++',
  '(?>q|qu)otes',
  '(q)(u)?(o)?.*',
  'prod\\..*',
  '(?:prod|dev)\\.(.+)',
  '^quotes$',
  '\\Aquotes\\z',
  'quotes\\Z',
  '[\\w.-]+',
  '(a)|(x)',
  '((((((((((q))))))))))uotes',
  '\\x71uotes',
  '\\u0071uotes',
  '[',
  '(',
  'a{2',
  '*',
  '\\',
];
const PARTS = [
  'q',
  'u',
  '.',
  '\\w',
  '[a-z]',
  '[^a-z]',
  '\\d',
  '(o)',
  '(?:t|e)',
  '\\.',
  's',
  '[.\\-_]',
  '(?i:Q)',
  '\\S',
];
const QUANTIFIERS = ['', '', '', '*', '+', '?', '*?', '+?', '{1,3}', '{2}'];

export function regex(dice: Dice): string {
  if (dice.oneIn(2)) return dice.pick(WHOLE);
  return (
    dice.several(1 + dice.below(4), () => dice.pick(PARTS) + dice.pick(QUANTIFIERS)).join('') +
    dice.pick(['', '.*', '|x'])
  );
}

export const replacement = (dice: Dice): string =>
  dice.pick([
    'new',
    '',
    'x-$0',
    '$1',
    '$1-$2',
    '$11',
    '${env}_$2',
    '\\$x',
    '\\\\',
    '$',
    '\\',
    '$a',
    'é😀',
    '$10',
    '$3',
  ]);
