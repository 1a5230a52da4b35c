import { spawn } from 'node:child_process';
import { once } from 'node:events';
import t from 'tap';
import { newFolder, openFolder } from './support.ts';

const WRITER = `${import.meta.dirname}/fixtures/writer.ts`;

t.test('a second process is refused while the first lives, and accepted after kill -9', async (t) => {
  const folder = newFolder(t.testdir());
  const child = spawn(process.execPath, ['--conditions=tributary-source', WRITER, folder, '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'close');
  await once(child.stdout, 'data');
  child.stdout.resume();
  await t.rejects(openFolder(folder), {
    code: 'EMBEDDED_LOG_IN_USE',
    message: new RegExp(`${folder}.*pid ${child.pid}\\b`),
  });
  child.kill('SIGKILL');
  await exited;
  const broker = await openFolder(folder);
  t.ok((await broker.topics.list()).includes('records'));
  await broker.close();
});

t.test('a folder is opened once in a process, and again after it was closed', async (t) => {
  const folder = newFolder(t.testdir());
  const broker = await openFolder(folder);
  const { clusterId } = broker;
  await t.rejects(openFolder(folder), { message: new RegExp(`pid ${process.pid}\\b`) });
  await broker.close();
  const again = await openFolder(folder);
  t.equal(again.clusterId, clusterId, 'the cluster id stays');
  await again.close();
});

t.test('of many that open a folder at once, one gets it', async (t) => {
  const folder = newFolder(t.testdir());
  const opened = await Promise.allSettled(Array.from({ length: 5 }, () => openFolder(folder)));
  const brokers = opened.filter((result) => result.status === 'fulfilled').map((result) => result.value);
  t.equal(brokers.length, 1);
  await brokers[0]!.close();
});
