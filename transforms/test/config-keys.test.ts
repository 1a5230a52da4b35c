/** The keys of each transform and predicate against those that a Kafka Connect 4.1.0 worker shows over REST. */
import { readFile } from 'node:fs/promises';
import { type ConfigKey, type Definition, isDefinition } from '@tributary/api';
import * as transforms from '@tributary/transforms';
import t from 'tap';

/** Without the documentation, which is ours. */
type Shown = [
  name: string,
  type: string,
  required: boolean,
  defaultValue: string | null,
  importance: string,
  group: string | null,
  order: number,
  width: string,
  displayName: string,
];

const golden: Record<string, Shown[]> = JSON.parse(
  await readFile(new URL('./golden/config-keys.json', import.meta.url), 'utf8'),
);

const shown = ([name, key]: [string, ConfigKey]): Shown => [
  name,
  key.type,
  key.required,
  key.default === undefined || key.default === null ? null : String(key.default),
  key.importance.toUpperCase(),
  key.group,
  key.order,
  key.width.toUpperCase(),
  key.displayName ?? name,
];

for (const definition of Object.values(transforms as Record<string, unknown>).filter(isDefinition) as Definition[]) {
  t.test(`${definition.class} has Java's keys, in Java's order`, (t) => {
    t.strictSame(Object.entries(definition.config).map(shown), golden[definition.class]);
    for (const [name, key] of Object.entries(definition.config)) t.ok(key.doc.length > 10, `${name} is documented`);
    t.end();
  });
}
