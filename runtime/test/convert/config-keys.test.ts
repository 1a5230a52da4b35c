/** The keys of each converter against those that a Kafka Connect 4.1.0 worker shows over REST. */
import { readFile } from 'node:fs/promises';
import type { ConfigKey } from '@tributary/api';
import t from 'tap';
import { builtInConverters } from '../../src/convert/index.ts';

const golden: Record<string, unknown[][]> = JSON.parse(
  await readFile(new URL('./golden/config-keys.json', import.meta.url), 'utf8'),
);
/** From Kafka 4.3 on. */
const NEWER = ['schema.content'];

const shown = ([name, key]: [string, ConfigKey]): unknown[] => [
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

for (const { kind, class: name, config } of builtInConverters) {
  t.test(`${name} as ${kind} has Java's keys, in Java's order`, (t) => {
    const keys = Object.entries(config).filter(([key]) => !NEWER.includes(key));
    t.strictSame(keys.map(shown), golden[name]);
    t.end();
  });
}
