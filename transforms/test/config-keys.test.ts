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

/** Keys that Java does not have. They stand behind Java's, and what they are by default is Java's behaviour. */
const EXTRAS: Readonly<Record<string, readonly string[]>> = {
  'org.apache.kafka.connect.transforms.Flatten$Key': ['arrays', 'arrays.max.elements'],
  'org.apache.kafka.connect.transforms.Flatten$Value': ['arrays', 'arrays.max.elements'],
  'org.apache.kafka.connect.transforms.TimestampRouter': ['timezone'],
};

const definitions = Object.values(transforms as Record<string, unknown>).filter(isDefinition) as Definition[];

for (const { class: className, config } of definitions) {
  const javas = golden[className];
  if (javas) {
    t.test(`${className} has Java's keys, in Java's order`, (t) => {
      const keys = Object.entries(config).map(shown);
      t.strictSame(keys.slice(0, javas.length), javas);
      t.strictSame(
        keys.slice(javas.length).map(([name]) => name),
        EXTRAS[className] ?? [],
      );
      t.end();
    });
  } else t.match(className, /^tributary\./, `${className} is not Java's, and named so`);
  for (const [name, key] of Object.entries(config)) t.ok(key.doc.length > 10, `${className} ${name} is documented`);
}

t.test("every transform and predicate of Java's is there", (t) => {
  const missing = Object.keys(golden).filter((name) => !definitions.some((definition) => definition.class === name));
  t.strictSame(missing, []);
  t.end();
});
