import { DataError } from '@tributary/api';
import { type MisfitPolicy, misfit, REPLACEMENT } from './misfit.ts';

/**
 * The text of each part of a line, escaped so that InfluxDB reads back exactly what was given. Its parser takes a character for escaped
 * if a backslash stands before it, whatever stands before that one: so a backslash is never doubled in names and tags, and some texts
 * cannot be written at all.
 */

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
/** Anything that needs a closer look; most names and values have none of it. */
const UNUSUAL_NAME = /[,= "\\#\n\t\0\ud800-\udfff]/;
const UNUSUAL_STRING = /["\\\ud800-\udfff]/;

/** One thing that cannot be written at a place: how to find it, and what it is called. */
interface Rule {
  readonly pattern: RegExp;
  readonly problem: string;
}

const NEWLINE: Rule = { pattern: /\n/g, problem: 'holds a newline' };
const SURROGATE: Rule = { pattern: LONE_SURROGATE, problem: 'holds half of a surrogate pair, which is no character' };
const TRAILING_BACKSLASH: Rule = { pattern: /\\$/g, problem: 'ends with a backslash' };
const LEADING_BLANK: Rule = { pattern: /^[\t\0]/g, problem: 'begins with a tab or a NUL' };
const COMMENT: Rule = { pattern: /^#/g, problem: 'begins with #, the mark of a comment' };
/** An odd number of backslashes before a separator: with the one that escapes it they cancel each other out. */
const ESCAPED_SEPARATOR: Rule = {
  pattern: /(?<=(?<!\\)(?:\\\\)*)\\(?=[,= ])/g,
  problem: 'holds a backslash before a comma, a space or an equals sign',
};
/** InfluxDB takes the backslash away when it looks the measurement up, and does not find it. */
const ESCAPED_MEASUREMENT: Rule = {
  pattern: /\\(?=[,"= ])/g,
  problem: 'holds a backslash before a comma, a space, an equals sign or a quote',
};

const MEASUREMENT_RULES = [SURROGATE, NEWLINE, LEADING_BLANK, COMMENT, ESCAPED_MEASUREMENT, TRAILING_BACKSLASH];
const TAG_RULES = [SURROGATE, NEWLINE, TRAILING_BACKSLASH];
const FIELD_KEY_RULES = [SURROGATE, NEWLINE, LEADING_BLANK, ESCAPED_SEPARATOR, TRAILING_BACKSLASH];

/** Rules are checked in their order: those after a replacement see its outcome. */
function fit(text: string, rules: readonly Rule[], policy: MisfitPolicy, what: string): string {
  let fitting = text;
  for (const { pattern, problem } of rules) {
    if (fitting.search(pattern) === -1) continue;
    if (policy === 'refuse') throw misfit(what, problem);
    fitting = fitting.replace(pattern, REPLACEMENT);
  }
  return fitting;
}

/** @throws DataError for what cannot be written, unless it is to be replaced; for an empty name */
export function escapeMeasurement(name: string, policy: MisfitPolicy): string {
  if (name === '') throw new DataError('The name of the measurement is empty: see measurement.name.format');
  if (!UNUSUAL_NAME.test(name)) return name;
  return fit(name, MEASUREMENT_RULES, policy, `The measurement '${shortened(name)}'`).replace(/[, ]/g, '\\$&');
}

/** @throws DataError for what cannot be written, unless it is to be replaced; for reserved and empty names */
export function escapeTagKey(name: string, policy: MisfitPolicy): string {
  const reserved = reservedTag(name);
  if (reserved) throw new DataError(reserved);
  if (!UNUSUAL_NAME.test(name)) return name;
  return fit(name, TAG_RULES, policy, `The name of the tag '${shortened(name)}'`).replace(/[,= ]/g, '\\$&');
}

/** @throws DataError for what cannot be written, unless it is to be replaced */
export function escapeTagValue(value: string, policy: MisfitPolicy, name: string): string {
  if (!UNUSUAL_NAME.test(value)) return value;
  return fit(value, TAG_RULES, policy, `The value of the tag '${name}'`).replace(/[,= ]/g, '\\$&');
}

/** @throws DataError for what cannot be written, unless it is to be replaced; for reserved and empty names */
export function escapeFieldKey(name: string, policy: MisfitPolicy): string {
  const reserved = reservedField(name);
  if (reserved) throw new DataError(reserved);
  if (!UNUSUAL_NAME.test(name)) return name;
  return fit(name, FIELD_KEY_RULES, policy, `The name of the field '${shortened(name)}'`).replace(
    /[,= ]|(?<=\\)"/g,
    '\\$&',
  );
}

/** A string field with its quotes. @throws DataError for half surrogate pairs, unless they are to be replaced */
export function quoteString(value: string, policy: MisfitPolicy, name: string): string {
  if (!UNUSUAL_STRING.test(value)) return `"${value}"`;
  return `"${fit(value, [SURROGATE], policy, `The field '${name}'`).replace(/["\\]/g, '\\$&')}"`;
}

/** What is wrong with a tag's name, whatever the text. */
export function reservedTag(name: string): string | undefined {
  if (name === '') return 'A tag has an empty name: give it another one with AS';
  return RESERVED_TAGS.has(name) ? `'${name}' is InfluxDB's own and cannot name a tag: rename it with AS` : undefined;
}

/** What is wrong with a field's name, whatever the text. */
export function reservedField(name: string): string | undefined {
  if (name === '') return 'A field has an empty name: give it another one with AS';
  return name === 'time'
    ? "A field named 'time' is dropped by InfluxDB: rename it (fields=value.*,value.time AS event_time), or make it the timestamp (timestamp.field=value.time)"
    : undefined;
}

/** InfluxDB refuses the first four; with one of the others it takes the point, and fails in queries over it or hides the tag. */
const RESERVED_TAGS: ReadonlySet<string> = new Set([
  'time',
  '_field',
  '_measurement',
  '\0',
  '_time',
  '_value',
  '_start',
  '_stop',
]);

const shortened = (name: string): string => (name.length > 60 ? `${name.slice(0, 60)}...` : name);
