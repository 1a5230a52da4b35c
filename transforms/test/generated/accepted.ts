/** The differences from Java that are on purpose. Each stands in docs/compatibility.md too. */
import type { ConnectRecord } from '@tributary/api';
import type { Props } from './configs.ts';
import type { Outcome } from './outcomes.ts';

export interface Difference {
  readonly name: string;
  readonly props: Props;
  readonly record: ConnectRecord;
  readonly java: Outcome;
  readonly ours: Outcome;
}

interface Rule {
  readonly reason: string;
  /** The transforms that it is about. Default: all. */
  readonly names?: readonly string[];
  readonly holds: (difference: Difference) => boolean;
}

const RULES: readonly Rule[] = [
  {
    reason: 'A replacement that names no group of the pattern is refused at once, not record by record.',
    names: ['RegexRouter'],
    holds: ({ ours }) => ours.kind === 'refused' && /configuration replacement/.test(ours.message!),
  },
  {
    reason: 'A pattern for dates that is none is refused at once, not record by record.',
    names: ['TimestampRouter'],
    holds: ({ java, ours }) =>
      ours.kind === 'refused' && java.kind === 'failed' && /configuration timestamp.format/.test(ours.message!),
  },
  {
    reason: 'Java can rename the schema of structs alone, for a slip; ours renames any.',
    names: ['SetSchemaMetadata$'],
    holds: ({ java }) => /Cannot list fields on non-struct type/.test(java.message ?? ''),
  },
  {
    reason: 'A required field that has a default and is null stays null where replace.null.with.default is false.',
    holds: ({ props, java, ours }) =>
      props['replace.null.with.default'] === 'false' &&
      ours.kind === 'result' &&
      /null used for required|A null value requires an optional schema/.test(java.message ?? ''),
  },
  {
    reason: 'A field that has a struct as default: Java compares its schema with one that has no default.',
    holds: ({ java, ours }) => ours.kind === 'result' && /Struct schemas do not match/.test(java.message ?? ''),
  },
  {
    reason: 'A masked decimal keeps the scale of its schema.',
    names: ['MaskField$'],
    holds: ({ java, ours }) =>
      java.kind === 'result' &&
      (ours.kind === 'failed'
        ? /does not fit scale/.test(ours.message!)
        : withoutDecimals(java) === withoutDecimals(ours)),
  },
  {
    reason: 'Java renames a field by the reverse of the mapping even where it is the original one, and then misses it.',
    names: ['ReplaceField$'],
    holds: ({ props, java, ours, record }) => {
      const original = [record.keySchema, record.valueSchema].flatMap((schema) => schema?.fields ?? []);
      const targets = (props.renames ?? '').split(',').map((mapping) => mapping.split(':')[1]);
      return (
        ours.kind === 'result' &&
        (/is not a valid field name/.test(java.message ?? '') || original.some(({ name }) => targets.includes(name)))
      );
    },
  },
  {
    reason: 'Before Java 19 Double.toString wrote a digit too many now and then (JDK-4511638).',
    names: ['Cast$'],
    holds: ({ java, ours }) => java.kind === 'result' && ours.kind === 'result' && sameNumbers(java, ours),
  },
  {
    reason: 'A timestamp before 271821 BC or after 275760 AD fails.',
    holds: ({ ours }) => /beyond the years that a Date can hold/.test(ours.message ?? ''),
  },
];

/** What stands in for a decimal may differ in scale alone. */
const withoutDecimals = ({ result }: Outcome): string =>
  result.replace(
    /\[\\*"decimal\\*",\\*"(-?\d+)\\*",-?\d+\]/g,
    (_all, unscaled) => `[decimal ${unscaled.replace(/0+$/, '')}]`,
  );

export const accepted = (difference: Difference): boolean =>
  RULES.some((rule) => (rule.names?.includes(difference.name) ?? true) && rule.holds(difference));

const rewritten = ({ result }: Outcome, round: (value: number) => number): string =>
  result.replace(/-?\d+\.\d+(?:E-?\d+)?/g, (text) => String(round(Number(text))));

/** Whether the texts of numbers read as the same numbers, float64 or float32. */
const sameNumbers = (a: Outcome, b: Outcome): boolean =>
  [Number, Math.fround].some((round) => rewritten(a, round) === rewritten(b, round));

/** Java's own messages, in which a user may look for words; those of a NullPointerException and the like mean nothing. */
const MEANT = /^(?:DataException|ConfigException|ConnectException|SchemaBuilderException): (.*)/s;
/** Of two things that are wrong Java may find another one first, or says it in words about its classes. */
const OTHER_WORDS = [
  /null used for required/,
  /A null value requires an optional schema/,
  /Struct schemas do not match/,
  /java\.lang\.IllegalArgumentException/,
  /Value \(.*\) was out of range/s,
  /casting from \w+/,
  /look up fields on non-struct/,
];

/** Whether our message begins as Java's does. */
export function sameWords(props: Props, java: Outcome, ours: Outcome): boolean {
  // Of several fields, those of a HashMap come in its order.
  if (/,/.test(props.spec ?? props.fields ?? '')) return true;
  if (/has a default value of its own/.test(ours.message ?? '')) return true;
  const said = MEANT.exec(java.message ?? '')?.[1];
  if (said === undefined || OTHER_WORDS.some((words) => words.test(said))) return true;
  const start = (message: string): string => message.replace(/[:.]/g, '').split(/\s+/, 3).join(' ');
  return start(ours.message!) === start(said);
}
