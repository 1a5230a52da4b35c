import t from 'tap';
import { sessionKeySettings } from '../../src/config/distributed-config.ts';
import { parseWorkerConfig, type WorkerConfig } from '../../src/config/worker-config.ts';

const parsed = (props: Record<string, string>): WorkerConfig => parseWorkerConfig(props, new Set()).config;
const refused = (key: string, value: string, more: Record<string, string> = {}): string => {
  try {
    parsed({ [key]: value, ...more });
    return 'taken';
  } catch (error) {
    return String((error as Error).message);
  }
};

t.test('the keys of the group have the defaults of Java', async (t) => {
  t.match(parsed({}), {
    'session.timeout.ms': 10_000,
    'heartbeat.interval.ms': 3_000,
    'rebalance.timeout.ms': 60_000,
    'scheduled.rebalance.max.delay.ms': 300_000,
    'worker.sync.timeout.ms': 3_000,
    'connect.protocol': 'sessioned',
    'group.instance.id': null,
  });
  t.strictSame(sessionKeySettings(parsed({})), {
    algorithm: 'HmacSHA256',
    bytes: 32,
    ttlMs: 3_600_000,
    signatureAlgorithm: 'HmacSHA256',
    verificationAlgorithms: ['HmacSHA256'],
  });
});

t.test('a session key is as long as Java makes it, unless a size is configured', async (t) => {
  const bytes = (algorithm: string, size?: string): number =>
    sessionKeySettings(
      parsed({ 'inter.worker.key.generation.algorithm': algorithm, ...(size && { 'inter.worker.key.size': size }) }),
    ).bytes;
  t.equal(bytes('HmacSHA1'), 64);
  t.equal(bytes('hmacsha384'), 48);
  t.equal(bytes('HmacSHA512/224'), 28);
  t.equal(bytes('HmacSHA256', '129'), 17);
});

t.test('a key without a time to live is never replaced for its age', async (t) => {
  t.equal(sessionKeySettings(parsed({ 'inter.worker.key.ttl.ms': '0' })).ttlMs, null);
});

t.test('what cannot be is refused with the key and the value', async (t) => {
  t.match(refused('heartbeat.interval.ms', '10000'), /10000 for configuration heartbeat.interval.ms: must be less/);
  t.match(
    refused('connect.protocol', 'eager'),
    /eager for configuration connect.protocol: the protocol in which every/,
  );
  t.match(refused('connect.protocol', 'v3'), /must be sessioned or compatible/);
  t.match(refused('inter.worker.key.size', '39'), /Value must be at least 40/);
  t.match(refused('inter.worker.key.ttl.ms', '-1'), /Value must be at least 0/);
  t.match(
    refused('inter.worker.key.generation.algorithm', 'AES'),
    /not supported; the supported algorithms are: HmacMD5/,
  );
  t.match(refused('inter.worker.verification.algorithms', 'HmacSHA256,X'), /the algorithm is not supported/);
  t.match(refused('inter.worker.verification.algorithms', ''), /List must not be empty/);
  t.match(
    refused('inter.worker.signature.algorithm', 'HmacSHA512'),
    /HmacSHA512 for configuration inter.worker.signature.algorithm: Signature algorithm must be present in inter.worker.verification.algorithms list/,
  );
  t.match(refused('group.instance.id', 'a b'), /group.instance.id: must have 1 to 249 characters/);
});

t.test('the protocols of Java are taken in any case', async (t) => {
  t.equal(refused('connect.protocol', 'COMPATIBLE'), 'taken');
  t.equal(
    refused('inter.worker.signature.algorithm', 'HmacMD5', { 'inter.worker.verification.algorithms': 'HmacMD5' }),
    'taken',
  );
});
