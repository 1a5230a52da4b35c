import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { openEmbedded } from '../../../src/broker/embedded/index.ts';
import { brokerContract } from '../contract.ts';

const folders = t.testdir();

brokerContract(t, 'The embedded log', () =>
  openEmbedded({
    configs: { 'bootstrap.servers': `embedded:${mkdtempSync(join(folders, 'log-'))}` },
    clientId: 'contract',
  }),
);
