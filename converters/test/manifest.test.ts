import { readFile } from 'node:fs/promises';
import { type Definition, isDefinition } from '@tributary/api';
import * as converters from '@tributary/converters';
import t from 'tap';

interface Entry {
  readonly kind: string;
  readonly class: string;
  readonly aliases: readonly string[];
  readonly version: string;
  readonly module: string;
  readonly export: string;
}

const manifest: readonly Entry[] = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'))
  .tributary.plugins;

t.test('the manifest lists every converter of the package, and says of it what it says itself', (t) => {
  const definitions = Object.entries(converters as Record<string, unknown>).filter(
    (entry): entry is [string, Definition] => isDefinition(entry[1]),
  );
  t.strictSame(manifest.map(({ export: name }) => name).toSorted(), definitions.map(([name]) => name).toSorted());
  for (const entry of manifest) {
    const { kind, class: className, aliases, version } = definitions.find(([name]) => name === entry.export)![1];
    t.strictSame(
      { kind: entry.kind, class: entry.class, aliases: entry.aliases, version: entry.version },
      { kind, class: className, aliases, version },
    );
  }
  t.end();
});

t.test('each module exports what the manifest says', async (t) => {
  for (const { module, export: name, class: className } of manifest) {
    const loaded = (await import(`@tributary/converters/${module.slice(2)}`)) as Record<string, Definition>;
    t.equal(loaded[name]?.class, className, `${module} ${name}`);
  }
});
