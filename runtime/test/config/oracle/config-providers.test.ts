/** Compares references and config providers with Kafka's ConfigTransformer and its providers. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { javaRun, skipUnlessAvailable } from '@tributary/services';
import t from 'tap';
import { type ConfigProviders, openConfigProviders } from '../../../src/config/config-providers.ts';
import { builtInConfigProviders } from '../../../src/config/providers/index.ts';
import { openRegistry } from '../../../src/plugins/registry.ts';
import { testLogger } from '../../support/logger.ts';
import { tempDir } from '../../support/worker.ts';

const skip = await skipUnlessAvailable('kafka');

const PACKAGE = 'org.apache.kafka.common.config.provider.';

interface Setup {
  readonly [name: string]: { readonly class: string; readonly params: Readonly<Record<string, string>> };
}
interface Answer {
  readonly data?: Readonly<Record<string, string>>;
  readonly error?: string;
}

async function askJava(setup: Setup, questions: readonly object[]): Promise<readonly Answer[]> {
  const output = await javaRun({
    sourceFile: join(import.meta.dirname, 'Providers.java'),
    stdin: [setup, ...questions].map((line) => `${JSON.stringify(line)}\n`).join(''),
  });
  return output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
}

async function open(setup: Setup): Promise<ConfigProviders> {
  const registry = await openRegistry({ pluginPath: [], from: [], builtIn: builtInConfigProviders });
  const props = Object.entries(setup).flatMap(([name, { class: className, params }]) => [
    [`config.providers.${name}.class`, className],
    ...Object.entries(params).map(([key, value]) => [`config.providers.${name}.param.${key}`, value]),
  ]);
  return openConfigProviders(registry, Object.fromEntries(props), Object.keys(setup), testLogger);
}

/** The same choices in each run. */
function chooser(seed: number): <T>(from: readonly T[]) => T {
  let state = seed;
  return (from) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return from[Math.floor((state / 2 ** 32) * from.length)]!;
  };
}

function folders(dir: string): void {
  mkdirSync(join(dir, 'open'));
  mkdirSync(join(dir, 'shut'));
  mkdirSync(join(dir, 'open', 'sub'));
  const text = `a=1\nb = two words \n\${odd=x\nkey\\:colon=with colon\nempty=\nref=\${f:x:a}\né=ü\nsp\\ ace=s\n`;
  for (const folder of ['open', 'shut', 'open/sub']) {
    writeFileSync(join(dir, folder, 'p.properties'), text);
    writeFileSync(join(dir, folder, 'a'), 'contents\n');
    writeFileSync(join(dir, folder, 'b'), '');
    writeFileSync(join(dir, folder, 'key:colon'), 'é😀');
  }
  symlinkSync(join(dir, 'shut', 'a'), join(dir, 'open', 'link'));
  writeFileSync(join(dir, 'open', 'latin'), Buffer.from([0x61, 0x3d, 0xe9, 0x0a]));
}

t.test('references are resolved as Java does', { skip, timeout: 100_000 }, async (t) => {
  const dir = tempDir(t);
  folders(dir);
  process.env['TRIBUTARY_TEST_A'] = 'from the environment';
  process.env['OTHER_TEST_A'] = 'not on the list';
  const setup: Setup = {
    f: { class: `${PACKAGE}FileConfigProvider`, params: {} },
    fa: { class: `${PACKAGE}FileConfigProvider`, params: { 'allowed.paths': `${dir}/open` } },
    d: { class: `${PACKAGE}DirectoryConfigProvider`, params: {} },
    da: { class: `${PACKAGE}DirectoryConfigProvider`, params: { 'allowed.paths': `${dir}/open/,${dir}/shut/a` } },
    e: { class: `${PACKAGE}EnvVarConfigProvider`, params: {} },
    ea: { class: `${PACKAGE}EnvVarConfigProvider`, params: { 'allowlist.pattern': 'TRIBUTARY_[A-Z]+_A' } },
  };
  const choose = chooser(7);
  const names = ['f', 'fa', 'd', 'da', 'e', 'ea', 'unknown', ''];
  const paths = [
    `${dir}/open/p.properties`,
    `${dir}/shut/p.properties`,
    `${dir}/open/../shut/p.properties`,
    `${dir}/open/sub/../p.properties`,
    `${dir}/open`,
    `${dir}/open/`,
    `${dir}/open/sub`,
    `${dir}/shut`,
    `${dir}/opener`,
    `${dir}/none`,
    `${dir}/open/latin`,
    '',
    ' ',
    null,
  ];
  const keys = [
    'a',
    'b',
    'é',
    'sp ace',
    'key:colon',
    'empty',
    'ref',
    'none',
    '',
    '${odd',
    '..',
    'link',
    'TRIBUTARY_TEST_A',
    'OTHER_TEST_A',
  ];
  const texts = ['', 'x', '$', '{', '}', '${', `\${x}`, `$\${`, ':', ' ', 'é', '\n', '\\', '$1', '$&'];
  const reference = (): string => {
    const path = choose(paths);
    return `\${${choose(names)}:${path === null ? '' : `${path}:`}${choose(keys)}}`;
  };
  const values = Array.from({ length: 1_500 }, () => {
    const parts = [choose(texts), reference(), choose(texts)];
    if (choose([true, false, false])) parts.push(reference(), choose(texts));
    return parts.join('');
  });
  const java = await askJava(
    setup,
    values.map((value) => ({ configs: { key: value } })),
  );
  const ours = await open(setup);
  t.equal(java.length, values.length);
  let replaced = 0;
  for (const [i, value] of values.entries()) {
    const { props, problems } = await ours.resolve({ key: value });
    const { data, error } = java[i]!;
    if (error !== undefined) t.ok(problems.has('key'), `${value}: Java says ${error}`);
    else if (props['key'] !== data!['key']) t.equal(props['key'], data!['key'], value);
    else if (data!['key'] !== value) replaced++;
    // What Java leaves as it stands, although there is such a provider, is a problem here.
    if (
      error === undefined &&
      !problems.has('key') &&
      /\$\{(f|fa|d|da|e|ea):/.test(data!['key']!) &&
      !/ref|odd/.test(value)
    )
      t.match(value, /\$\{[^}]*$|\$\{x\}|\$\{\$/, `${value} is left as it is without a word`);
  }
  t.ok(replaced > 50, `${replaced} values were replaced`);
});

t.test('.properties files are read as Java does', { skip, timeout: 100_000 }, async (t) => {
  const dir = tempDir(t);
  const choose = chooser(11);
  const pieces = [
    'a',
    'b',
    'key',
    ' ',
    '  ',
    '\t',
    '\f',
    '=',
    ':',
    '\n',
    '\r\n',
    '\r',
    '\\\n',
    '\\\n  ',
    '\\',
    '\\\\',
    '#',
    '!',
    '\\u00e9',
    '\\u00',
    '\\t',
    '\\n',
    '\\z',
    '\\=',
    '\\:',
    '\\#',
    '\\ ',
    'é',
    '😀',
    '"',
    `\${x:y}`,
    '\u0000',
    '\u00a0',
    '\u2028',
    '\u0085',
    '\v',
    'value',
  ];
  const files = Array.from({ length: 800 }, (_, i) => {
    const file = join(dir, `${i}.properties`);
    const text = Array.from({ length: choose([1, 3, 6, 10, 20]) }, () => choose(pieces)).join('');
    // Java takes a lone backslash at the very end for what is left in its buffer.
    writeFileSync(file, text.endsWith('\\') ? `${text}.` : text);
    return file;
  });
  const setup: Setup = { f: { class: `${PACKAGE}FileConfigProvider`, params: {} } };
  const java = await askJava(
    setup,
    files.map((file) => ({ provider: 'f', all: file })),
  );
  const { fileConfigProvider } = await import('../../../src/config/providers/file.ts');
  const ours = await fileConfigProvider.create({ 'allowed.paths': null }, { name: 'f', log: testLogger });
  const unlike: object[] = [];
  for (const [i, file] of files.entries()) {
    const read = await Promise.resolve(ours.get(file, [], new AbortController().signal)).then(
      ({ data }) => ({ ...data }),
      () => undefined,
    );
    if (!isDeepStrictEqual(read, java[i]!.data))
      unlike.push({ file: readFileSync(file, 'utf8'), ours: read, java: java[i] });
  }
  t.equal(java.length, files.length);
  t.strictSame(unlike, [], 'files that are read in another way');
});
