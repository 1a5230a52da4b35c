import { type Config, type ConfigDef, int, list, string } from '@tributary/api';
import { hmac, hmacProblem } from './hmac.ts';

/** Which of Java's protocols the group speaks: both rebalance incrementally, `sessioned` also has requests signed (KIP-507). */
export type ConnectProtocol = 'sessioned' | 'compatible';

const PROTOCOLS: readonly ConnectProtocol[] = ['sessioned', 'compatible'];
const MAX_INT = 2 ** 31 - 1;

function protocolProblem(given: string): string | undefined {
  const name = given.toLowerCase();
  if ((PROTOCOLS as readonly string[]).includes(name)) return undefined;
  if (name !== 'eager') return 'Invalid Connect protocol compatibility: must be sessioned or compatible';
  return 'the protocol in which every rebalance stops all tasks is not spoken here. Set sessioned or compatible: workers of both can take over from eager ones once those are stopped';
}

const instanceIdProblem = (id: string): string | undefined =>
  /^(?!\.{1,2}$)[a-zA-Z0-9._-]{1,249}$/.test(id)
    ? undefined
    : 'must have 1 to 249 characters out of a-z, A-Z, 0-9, dot, underscore and hyphen';

/** The worker's keys of the group and of the requests of its members to each other, with Java's names and defaults. */
export const distributedConfig = {
  'session.timeout.ms': int({
    doc: 'How long the group waits, in milliseconds, for a sign of life of a worker before its connectors and tasks go to others. Must lie within group.min.session.timeout.ms and group.max.session.timeout.ms of the brokers.',
    default: 10_000,
    min: 1,
    importance: 'high',
  }),
  'heartbeat.interval.ms': int({
    doc: 'How often a worker gives a sign of life, in milliseconds. Less than session.timeout.ms, better a third of it.',
    default: 3_000,
    min: 1,
    importance: 'high',
  }),
  'rebalance.timeout.ms': int({
    doc: 'How long each worker has to join again once a rebalance has begun, in milliseconds.',
    default: 60_000,
    min: 1,
    importance: 'high',
  }),
  'scheduled.rebalance.max.delay.ms': int({
    doc: 'How long the connectors and tasks of a worker that has gone stay unassigned at most, in milliseconds, in case it comes back.',
    default: 300_000,
    min: 0,
    importance: 'low',
  }),
  'worker.sync.timeout.ms': int({
    doc: 'How long a worker may take to read the config topic to its end before a rebalance, in milliseconds; then it tries again.',
    default: 3_000,
    min: 0,
    importance: 'medium',
  }),
  'connect.protocol': string({
    doc: 'How workers come to terms: sessioned, or compatible, in which requests of workers to each other are not signed. Not eager.',
    default: 'sessioned',
    validate: protocolProblem,
    importance: 'low',
  }),
  'group.instance.id': string({
    doc: 'Under which name the worker is a static member of the group (KIP-345): restarted under the same name it has its connectors and tasks again without a rebalance. Default: made of the name of the machine and the advertised address. Not in Kafka Connect.',
    default: null,
    validate: instanceIdProblem,
    importance: 'low',
  }),
  'inter.worker.key.generation.algorithm': string({
    doc: 'For which algorithm the key is made that requests of workers to each other are signed with.',
    default: 'HmacSHA256',
    validate: hmacProblem,
    importance: 'low',
  }),
  'inter.worker.key.size': int({
    doc: 'The size of that key in bits. Default: that of the algorithm.',
    default: null,
    min: 40,
    importance: 'low',
  }),
  'inter.worker.key.ttl.ms': int({
    doc: 'After how long the key is replaced by a new one, in milliseconds. 0: never.',
    default: 3_600_000,
    min: 0,
    max: MAX_INT,
    importance: 'low',
  }),
  'inter.worker.signature.algorithm': string({
    doc: 'With which algorithm requests to other workers are signed. One of inter.worker.verification.algorithms.',
    default: 'HmacSHA256',
    validate: hmacProblem,
    importance: 'low',
  }),
  'inter.worker.verification.algorithms': list({
    doc: 'Which algorithms the signatures of other workers may have.',
    default: ['HmacSHA256'],
    nonEmpty: true,
    validate: (names) => names.map(hmacProblem).find((problem) => problem !== undefined),
    importance: 'low',
  }),
} satisfies ConfigDef;

export type DistributedConfig = Config<typeof distributedConfig>;

/** What is wrong with keys taken together. Only for keys that are valid one by one. */
export function distributedProblems(config: DistributedConfig): readonly string[] {
  const problems: string[] = [];
  const invalid = (key: keyof DistributedConfig, problem: string): void =>
    void problems.push(`Invalid value ${config[key]} for configuration ${key}: ${problem}`);
  if (config['heartbeat.interval.ms'] >= config['session.timeout.ms'])
    invalid('heartbeat.interval.ms', `must be less than session.timeout.ms (${config['session.timeout.ms']})`);
  if (!config['inter.worker.verification.algorithms'].includes(config['inter.worker.signature.algorithm']))
    invalid(
      'inter.worker.signature.algorithm',
      'Signature algorithm must be present in inter.worker.verification.algorithms list',
    );
  return problems;
}

export function connectProtocol(config: DistributedConfig): ConnectProtocol {
  return config['connect.protocol'].toLowerCase() as ConnectProtocol;
}

/** How session keys are made, and what is signed with them. */
export interface SessionKeySettings {
  /** Java's name of the algorithm that keys are made for. */
  readonly algorithm: string;
  /** How long they are. */
  readonly bytes: number;
  /** After how long they are replaced; null: never. */
  readonly ttlMs: number | null;
  /** Java's name of the algorithm that requests are signed with. */
  readonly signatureAlgorithm: string;
  /** Those that requests of others may be signed with. */
  readonly verificationAlgorithms: readonly string[];
}

export function sessionKeySettings(config: DistributedConfig): SessionKeySettings {
  const { name, keyBytes } = hmac(config['inter.worker.key.generation.algorithm'])!;
  const bits = config['inter.worker.key.size'];
  return {
    algorithm: name,
    bytes: bits === null ? keyBytes : Math.ceil(bits / 8),
    ttlMs: config['inter.worker.key.ttl.ms'] || null,
    signatureAlgorithm: config['inter.worker.signature.algorithm'],
    verificationAlgorithms: config['inter.worker.verification.algorithms'],
  };
}
