import { readFile } from 'node:fs/promises';
import { type Definition, isDefinition } from '@tributary/api';
import t from 'tap';

interface Entry {
  readonly kind: string;
  readonly class: string;
  readonly aliases: readonly string[];
  readonly version: string;
  readonly module: string;
}

const manifest: readonly Entry[] = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'))
  .tributary.plugins;

t.test('each module has the converter that the manifest says, and says of it what it says itself', async (t) => {
  for (const entry of manifest) {
    const { default: definition } = (await import(`@tributary/converters/${entry.module.slice(2)}`)) as {
      readonly default: Definition;
    };
    t.ok(isDefinition(definition), entry.module);
    t.match(entry, { kind: definition.kind, class: definition.class, version: definition.version });
    t.ok(entry.aliases.includes(entry.class.split('.').at(-1)!), 'its short form is an alias');
  }
  t.ok(manifest.some((entry) => entry.class === 'io.confluent.connect.avro.AvroConverter'));
});
