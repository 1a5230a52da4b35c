import { join } from 'node:path';
import { open } from 'lmdb';
import t from 'tap';
import { newFolder, openFolder } from './support.ts';

t.test('a folder of a later format is refused, not misread', async (t) => {
  const folder = newFolder(t.testdir());
  await (await openFolder(folder)).close();
  const root = open(join(folder, 'log'), { maxDbs: 16, noSubdir: false });
  await root.openDB({ name: 'meta', encoding: 'json' }).put('format', 2);
  await root.close();
  await t.rejects(openFolder(folder), { code: 'UNSUPPORTED_VERSION', message: /format 2/ });
  await t.rejects(openFolder(folder), { code: 'UNSUPPORTED_VERSION' }, 'and the folder is let go');
});
