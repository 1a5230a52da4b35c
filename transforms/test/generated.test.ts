/**
 * Compares every transform and predicate with Kafka Connect's own, on records and configs made by chance. TRIBUTARY_CASES sets how
 * many records each gets (default 2000), TRIBUTARY_SEED which ones: a number (default 1, so that a run finds what the last one found) or
 * `random`. TRIBUTARY_DIFFERENCES names a file for all that differs.
 */
import { type Definition, isDefinition } from '@tributary/api';
import * as transforms from '@tributary/transforms';
import t from 'tap';
import { accepted, sameWords } from './generated/accepted.ts';
import { CONFIGS, type Props } from './generated/configs.ts';
import { type Dice, dice } from './generated/dice.ts';
import { expectations, outcomes } from './generated/outcomes.ts';
import { GROUP_SIZE, type Group, group, NAMES } from './generated/records.ts';
import { askJava, encodeRecord } from './oracle/oracle.ts';

const PACKAGE = 'org.apache.kafka.connect.transforms.';
const { TRIBUTARY_SEED: given = '1' } = process.env;
const seed = given === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(given);
const cases = Number(process.env.TRIBUTARY_CASES ?? 2000);

const definitions = (Object.values(transforms as Record<string, unknown>).filter(isDefinition) as Definition[]).filter(
  (definition) => definition.class.startsWith(PACKAGE),
);
/** The names of transforms as configs.ts has them: with a $ at the end for those that have a key and a value form. */
const NAMES_OF_CLASSES = [
  ...new Set(definitions.map(({ class: name }) => name.slice(PACKAGE.length).replace(/\$.*/, '$'))),
];

interface Case {
  readonly name: string;
  readonly definition: Definition;
  readonly props: Props;
  readonly group: Group;
}

/** The fields that a config should name: mostly those that the records have, and one that they may not have. */
function fieldNames(die: Dice, { schema }: Group): readonly string[] {
  const own = schema === null ? NAMES : schema.fields.map(({ name }) => name);
  // Texts with commas or white space at their ends cannot stand in a list.
  return [...own, ...(own.length === 0 || die.oneIn(4) ? ['missing'] : [])];
}

function casesOf(die: Dice, group: Group, i: number): Case[] {
  return NAMES_OF_CLASSES.map((name) => {
    const full = name.endsWith('$') ? `${name}${i % 2 === 0 ? 'Key' : 'Value'}` : name;
    return {
      name,
      definition: definitions.find((definition) => definition.class === PACKAGE + full)!,
      props: CONFIGS[name]!(die, fieldNames(die, group), group.schema),
      group,
    };
  });
}

t.test(`as in Java, with TRIBUTARY_SEED=${seed} and ${cases} records for each`, async (t) => {
  t.comment(`TRIBUTARY_SEED=${seed} TRIBUTARY_CASES=${cases}`);
  const die = dice(seed);
  const groups = Array.from({ length: Math.ceil(cases / GROUP_SIZE) }, () => group(die));
  const asked = groups.map((group, i) => ({ group, cases: casesOf(die, group, i) }));
  const answers = await askJava(
    asked.flatMap(({ group, cases }) => [
      { op: 'keep', records: group.records.map(encodeRecord) },
      ...cases.map(({ definition, props }) => ({
        op: definition.kind === 'predicate' ? 'predicateKept' : 'transformKept',
        class: definition.class,
        config: props,
      })),
    ]),
  );
  const found = new Map<string, { count: number; different: object[] }>(
    NAMES_OF_CLASSES.map((name) => [name, { count: 0, different: [] }]),
  );
  const expect = expectations();
  let at = 0;
  for (const { group, cases } of asked) {
    if (answers[at]!.error !== undefined) throw new Error(`Java does not take the records: ${answers[at]!.message}`);
    at++;
    for (const { name, definition, props } of cases) {
      const tally = found.get(name)!;
      const expected = expect(answers[at++]!, group.records);
      const results = outcomes(definition, props, group.records);
      for (const [i, record] of group.records.entries()) {
        tally.count++;
        const [java, ours] = [expected[i]!, results[i]!];
        if (java.result === ours.result && java.kind === ours.kind && sameWords(props, java, ours)) continue;
        if (accepted({ name, props, record, java, ours })) continue;
        tally.different.push({ class: definition.class, props, java, ours, record: encodeRecord(record) });
      }
    }
  }
  for (const [name, { count, different }] of found)
    t.equal(different.length, 0, `${name}: ${count} records`, { different: different.slice(0, 3) });
  if (process.env.TRIBUTARY_DIFFERENCES) {
    const { writeFile } = await import('node:fs/promises');
    await writeFile(
      process.env.TRIBUTARY_DIFFERENCES,
      [...found.values()].flatMap(({ different }) => different.map((d) => JSON.stringify(d))).join('\n'),
    );
  }
});
