import { ConfigError } from '@tributary/api';
import t from 'tap';
import { embeddedFolder, openEmbedded } from '../../../src/broker/embedded/index.ts';

t.test('bootstrap.servers names the folder', (t) => {
  t.equal(embeddedFolder('embedded:./data'), './data');
  t.equal(embeddedFolder('localhost:9092'), null);
  t.end();
});

t.test('wrong configs are refused by name', async (t) => {
  const open = (configs: Record<string, string>): Promise<unknown> => openEmbedded({ configs, clientId: 'test' });
  await t.rejects(open({ 'bootstrap.servers': 'embedded:' }), ConfigError);
  await t.rejects(open({ 'bootstrap.servers': 'embedded:x', 'embedded.flush': 'never' }), {
    message: /embedded\.flush.*commit, disk/,
  });
});
