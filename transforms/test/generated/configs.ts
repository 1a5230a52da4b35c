/** Configs for each transform and predicate, made to meet the fields of a group of records. */
import type { Schema } from '@tributary/api';
import { datePattern } from './dates.ts';
import type { Dice } from './dice.ts';
import { literal } from './literals.ts';
import { HEADERS, NAMES } from './records.ts';
import { regex, replacement } from './regexes.ts';

export type Props = Record<string, string>;
type Maker = (dice: Dice, names: readonly string[], schema: Schema | null) => Props;

const keepNull = (dice: Dice): Props =>
  dice.oneIn(2) ? {} : { 'replace.null.with.default': dice.oneIn(2) ? 'false' : 'true' };

/** Once in so many times a key is left out, given or not. */
const maybe = (dice: Dice, key: string, value: () => string): Props => (dice.oneIn(2) ? { [key]: value() } : {});

const list = (dice: Dice, names: readonly string[], most: number): string[] => {
  const chosen = dice.some(names, most);
  return chosen.length > 0 ? chosen : [dice.pick(names)];
};

const TYPES = ['int8', 'int16', 'int32', 'int64', 'float32', 'float64', 'boolean', 'string'];

/** A path of syntax V2 into the fields of a schema, quoted here and there. */
function path(dice: Dice, names: readonly string[], schema: Schema | null): string {
  const steps: string[] = [];
  let current = schema;
  for (let depth = 0; depth < 4; depth++) {
    const own =
      current?.type === 'struct' && current.fields.length > 0 ? current.fields.map(({ name }) => name) : names;
    const step = dice.pick(own);
    steps.push(dice.oneIn(8) ? step : /[.`]/.test(step) || dice.oneIn(6) ? `\`${step}\`` : step);
    current = current?.fields.find(({ name }) => name === step)?.schema ?? null;
    if (current?.type !== 'struct' && !dice.oneIn(4)) break;
    if (dice.oneIn(4)) break;
  }
  return steps.join('.') + (dice.oneIn(20) ? '.' : '');
}

export const CONFIGS: Readonly<Record<string, Maker>> = {
  Cast$: (dice, names) => ({
    spec: dice.oneIn(4)
      ? dice.pick(TYPES)
      : list(dice, names, 4)
          .map((name) => `${name}:${dice.pick(TYPES)}`)
          .join(),
    ...keepNull(dice),
  }),
  DropHeaders: (dice) => ({
    headers: list(
      dice,
      HEADERS.filter((name) => name !== ''),
      3,
    ).join(),
  }),
  ExtractField$: (dice, names, schema) => ({
    field: dice.oneIn(2) ? dice.pick(names) : path(dice, names, schema),
    ...(dice.oneIn(3) ? {} : { 'field.syntax.version': dice.pick(['V1', 'V2', 'V2', 'v2']) }),
    ...keepNull(dice),
  }),
  Filter: () => ({}),
  Flatten$: (dice): Props => (dice.oneIn(3) ? {} : { delimiter: dice.pick(['.', '_', '', '__', '😀', '-']) }),
  HeaderFrom$: (dice, names) => {
    const fields = list(dice, names, 3);
    return {
      fields: fields.join(),
      headers: fields.map((_name, i) => (dice.oneIn(3) ? `h${i}` : 'trace')).join(),
      operation: dice.pick(['move', 'copy']),
      ...keepNull(dice),
    };
  },
  HoistField$: (dice) => ({ field: dice.pick(NAMES) }),
  InsertField$: (dice, names) => {
    const field = (): string =>
      `${dice.oneIn(3) ? dice.pick(names) : dice.pick(['t', 'p', 'o', 's', '__proto__', '7'])}${dice.pick(['', '', '!', '?'])}`;
    return {
      ...maybe(dice, 'topic.field', field),
      ...maybe(dice, 'partition.field', field),
      ...(dice.oneIn(4) && { 'offset.field': field() }),
      ...maybe(dice, 'timestamp.field', field),
      ...(dice.oneIn(2) && { 'static.field': field(), 'static.value': dice.pick(['', 'x', 'é😀']) }),
      ...keepNull(dice),
    };
  },
  InsertHeader: (dice) => ({ header: dice.pick(HEADERS), 'value.literal': literal(dice) }),
  MaskField$: (dice, names) => ({
    fields: list(dice, names, 4).join(),
    ...maybe(dice, 'replacement', () =>
      dice.pick([
        '0',
        '5',
        '-1.9',
        '1e3',
        '300',
        '4294967297',
        'x',
        '***',
        '0x1F',
        '1f',
        'NaN',
        '1e400',
        '9223372036854775808',
        '.5',
        '+2',
        '１',
        '1E-5',
        '12.34',
      ]),
    ),
    ...keepNull(dice),
  }),
  RegexRouter: (dice) => ({ regex: regex(dice), replacement: replacement(dice) }),
  ReplaceField$: (dice, names) => ({
    ...(dice.oneIn(2) && { exclude: dice.some(names, 3).join() }),
    ...(dice.oneIn(3) && { include: dice.some(names, 4).join() }),
    ...(dice.oneIn(2) && {
      renames: dice
        .some(
          names.filter((name) => !name.includes(':')),
          2,
        )
        .map((name, i) => `${name}:${dice.oneIn(3) ? dice.pick(names) : `new${i}`}`)
        .join(),
    }),
    ...keepNull(dice),
  }),
  SetSchemaMetadata$: (dice) => ({
    ...maybe(dice, 'schema.name', () => dice.pick(['n', 'a.b.C', ''])),
    ...maybe(dice, 'schema.version', () => String(dice.below(9))),
    ...keepNull(dice),
  }),
  TimestampConverter$: (dice, names) => ({
    ...(dice.oneIn(3) ? {} : { field: dice.pick(names) }),
    'target.type': dice.pick(['string', 'unix', 'Date', 'Time', 'Timestamp']),
    ...(dice.oneIn(6) ? {} : { format: datePattern(dice) }),
    ...maybe(dice, 'unix.precision', () => dice.pick(['nanoseconds', 'microseconds', 'milliseconds', 'seconds'])),
    ...keepNull(dice),
  }),
  TimestampRouter: (dice) => ({
    ...maybe(dice, 'topic.format', () =>
      dice.pick(['${topic}-${timestamp}', '${timestamp}', 'x', '${topic}${topic}', '$1-${timestamp}', '\\${topic}']),
    ),
    ...(dice.oneIn(4) ? {} : { 'timestamp.format': datePattern(dice) }),
  }),
  ValueToKey: (dice, names) => ({ fields: list(dice, names, 4).join(), ...keepNull(dice) }),
  'predicates.HasHeaderKey': (dice) => ({ name: dice.pick(HEADERS) }),
  'predicates.RecordIsTombstone': () => ({}),
  'predicates.TopicNameMatches': (dice) => ({ pattern: regex(dice) }),
};
