/** Compares every transform and predicate with Kafka Connect's own, case by case. */
import { isDeepStrictEqual } from 'node:util';
import {
  type Definition,
  isDefinition,
  type PredicateDefinition,
  parseConfig,
  type RecordTransform,
  type SynchronousTransform,
} from '@tributary/api';
import * as transforms from '@tributary/transforms';
import t from 'tap';
import { CONFIGS, RECORDS } from './oracle/cases.ts';
import { type Answer, askJava, comparableRecord, encodeRecord, encodeValue } from './oracle/oracle.ts';

const PACKAGE = 'org.apache.kafka.connect.transforms.';
const definitions: Definition[] = Object.values(transforms as Record<string, unknown>).filter(isDefinition);

interface Case {
  readonly definition: Definition;
  readonly props: Readonly<Record<string, string>>;
  readonly question: object;
}

const cases: Case[] = Object.entries(CONFIGS).flatMap(([name, configs]) =>
  (name.endsWith('$') ? [`${name}Key`, `${name}Value`] : [name]).flatMap((full) => {
    const definition = definitions.find((candidate) => candidate.class === PACKAGE + full)!;
    const op = definition.kind === 'predicate' ? 'predicate' : 'transform';
    return configs.map((props) => ({
      definition,
      props,
      question: { op, class: definition.class, config: props, records: RECORDS.map(encodeRecord) },
    }));
  }),
);

/** Cases in which we differ on purpose. */
const ON_PURPOSE: readonly { readonly reason: string; readonly name: string; readonly java: RegExp }[] = [
  {
    reason:
      'Java looks a renamed field up by the reverse mapping even where it is the original one, and then misses it',
    name: 'ReplaceField',
    java: /is not a valid field name/,
  },
  {
    reason: 'A replacement that names no group of the pattern is refused at once, not record by record',
    name: 'RegexRouter',
    java: /No group 1|character to be escaped is missing/,
  },
  {
    reason: 'Java can rename the schema of structs alone, for a slip; ours renames any',
    name: 'SetSchemaMetadata',
    java: /Cannot list fields on non-struct type/,
  },
];

const onPurpose = (name: string, java: Answer): boolean =>
  ON_PURPOSE.some((entry) => name.startsWith(entry.name) && entry.java.test(java.message ?? ''));

type Outcome = { error: string } | { record: unknown } | boolean;

function ours({ definition, props }: Case): Outcome[] | { error: string } {
  const { config, errors } = parseConfig(definition.config, props);
  if (errors.size > 0) return { error: [...errors.values()].flat().join('; ') };
  try {
    if (definition.kind === 'predicate') {
      const test = (definition as PredicateDefinition).create(config as never);
      return RECORDS.map((record) => test(record));
    }
    const transform: RecordTransform = (definition as unknown as SynchronousTransform).create(config as never, {
      onClose() {},
    });
    return RECORDS.map((record) => {
      try {
        const result = transform(record);
        return { record: result && comparableRecord(encodeRecord(result)) };
      } catch (error) {
        return { error: `${(error as Error).name}: ${(error as Error).message}` };
      }
    });
  } catch (error) {
    return { error: String(error) };
  }
}

/** What differs between Java's results and ours, record by record. */
function differences(name: string, expected: (Answer | boolean)[], outcomes: readonly Outcome[]): unknown[] {
  return outcomes.flatMap((outcome, i): unknown[] => {
    const java = expected[i]!;
    if (typeof java === 'boolean') return java === outcome ? [] : [{ record: i, java, outcome }];
    if (onPurpose(name, java)) return [];
    if (java.error !== undefined)
      return typeof outcome === 'object' && 'error' in outcome ? [] : [{ record: i, java, outcome }];
    const want = { record: comparableRecord(java.record) };
    return isDeepStrictEqual(outcome, want) ? [] : [{ record: i, java: want, outcome }];
  });
}

t.test('every case ends as in Java', async (t) => {
  const answers = await askJava(cases.map(({ question }) => question));
  for (const [i, aCase] of cases.entries()) {
    const name = `${aCase.definition.class.slice(PACKAGE.length)} ${JSON.stringify(aCase.props)}`;
    const java = answers[i]!;
    const result = ours(aCase);
    const results = java.results as (Answer | boolean)[] | undefined;
    if (Array.isArray(result) && results) t.strictSame(differences(name, results, result), [], name);
    else if (results?.some((answer) => typeof answer === 'object' && onPurpose(name, answer)))
      t.notOk(Array.isArray(result), name);
    else t.notOk(Array.isArray(result) || results, `${name} is refused by both`, { java: java.message, result });
  }
});

t.test(
  'a schemaless key has its entries in the order in which Java writes them, since its bytes choose the partition',
  async (t) => {
    const names = [
      'symbol',
      'exchange',
      'currency',
      'id',
      'a',
      'b',
      'Aa',
      'BB',
      'account.id',
      'é',
      'order_id',
      'x1',
      'x2',
      'x3',
      '7',
    ];
    const lists = Array.from({ length: 300 }, (_, i) => {
      const start = (i * 7) % names.length;
      const rotated = [...names.slice(start), ...names.slice(0, start)].filter(
        (_name, j) => (i >> (j % 8)) % 2 === 0 || j === 0,
      );
      return i % 2 === 0 ? rotated : rotated.toReversed();
    });
    const record = { ...RECORDS[0]!, value: {}, valueSchema: null };
    const answers = await askJava(
      lists.map((fields) => ({
        op: 'transform',
        class: transforms.valueToKey.class,
        config: { fields: fields.join() },
        records: [encodeRecord(record)],
      })),
    );
    const orderOf = (encoded: unknown): unknown =>
      (encoded as [string, [[string, string], unknown][]])[1].map(([key]) => key[1]);
    for (const [i, fields] of lists.entries()) {
      const { config } = parseConfig(transforms.valueToKey.config, { fields: fields.join() });
      const key = (transforms.valueToKey as unknown as SynchronousTransform).create(config, { onClose() {} })(
        record,
      )!.key;
      const [result] = answers[i]!.results as [{ record: { key: unknown } }];
      t.strictSame(orderOf(encodeValue(null, key)), orderOf(result.record.key), fields.join());
    }
  },
);
