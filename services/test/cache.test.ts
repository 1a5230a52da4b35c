import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { buildOnce, cacheFolder } from '../src/cache.ts';

t.test('those who ask at the same time share one build', async (t) => {
  const target = join(t.testdir(), 'jars', 'key');
  let builds = 0;
  const build = async (folder: string) => {
    builds++;
    await writeFile(join(folder, 'content'), 'whole');
  };
  await Promise.all([buildOnce(target, build), buildOnce(target, build), buildOnce(target, build)]);
  t.equal(builds, 1);
  t.equal(await readFile(join(target, 'content'), 'utf8'), 'whole');
  t.same(await readdir(join(target, '..')), ['key'], 'no lock or temporary folder is left');
});

t.test('a build that fails leaves nothing, and the next one succeeds', async (t) => {
  const target = join(t.testdir(), 'key');
  await t.rejects(
    buildOnce(target, async () => {
      throw new Error('no network');
    }),
    { message: 'no network' },
  );
  t.same(await readdir(join(target, '..')), []);
  await buildOnce(target, async (folder) => writeFile(join(folder, 'content'), 'whole'));
  t.same(await readdir(target), ['content']);
});

t.test('the lock of a process that died is taken over', async (t) => {
  const target = join(t.testdir({ 'key.lock': '' }), 'key');
  const longAgo = new Date(Date.now() - 60_000);
  await utimes(`${target}.lock`, longAgo, longAgo);
  await buildOnce(target, async () => undefined);
  t.same(await readdir(join(target, '..')), ['key']);
});

t.test('what is there is not built again', async (t) => {
  const target = join(t.testdir(), 'key');
  await mkdir(target);
  t.equal(await buildOnce(target, () => Promise.reject(new Error('built again'))), target);
});

t.test('the cache is where the environment says', (t) => {
  const saved = { ...process.env };
  t.teardown(() => {
    process.env = saved;
  });
  process.env = { TRIBUTARY_CACHE: '/own', XDG_CACHE_HOME: '/xdg' };
  t.equal(cacheFolder(), '/own');
  process.env = { XDG_CACHE_HOME: '/xdg' };
  t.equal(cacheFolder(), '/xdg/tributary');
  process.env = {};
  t.match(cacheFolder(), /\/\.cache\/tributary$/);
  t.end();
});
