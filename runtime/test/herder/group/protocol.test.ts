/** Compares the group protocol with Java's classes for it. */
import { join } from 'node:path';
import { javaRun, skipUnlessAvailable } from '@tributary/services';
import t from 'tap';
import {
  decodeAssignment,
  decodeWorkerState,
  encodeAssignment,
  encodeWorkerState,
  type GroupAssignment,
  type GroupProtocol,
  type WorkerState,
} from '../../../src/herder/group/protocol.ts';
import { NO_WORK, type WorkShare } from '../../../src/herder/group/work.ts';
import { type Chance, chance } from './chance.ts';

type Case = { readonly protocol: GroupProtocol } & (
  | { readonly state: WorkerState }
  | { readonly assignment: GroupAssignment }
);

interface Answer {
  readonly bytes: string;
  readonly read: unknown;
  readonly version?: number;
}

const NAMES = ['a', 'file-source', 'mit Leerzeichen', 'ключ', '😀', 'x'.repeat(300), 'AaAa', 'BBBB', 'zz-top'];
const OFFSETS = [-1, 0, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 17, Number.MAX_SAFE_INTEGER];

function anyShare(random: Chance): WorkShare {
  const named = NAMES.filter(() => random.percent(40));
  return {
    connectors: named.filter(() => random.percent(60)),
    tasks: named.flatMap((connector) =>
      Array.from({ length: random.below(5) }, (_, n) => ({ connector, task: random.percent(5) ? 2 ** 31 - 1 - n : n })),
    ),
  };
}

function anyAssignment(random: Chance): GroupAssignment {
  return {
    token: null,
    error: random.pick([0, 0, 1]),
    leader: `connect-${random.pick(NAMES)}-1b0e`,
    leaderUrl: random.pick(['http://127.0.0.1:8083/', 'https://[::1]:18083/', '']),
    position: random.pick(OFFSETS),
    assigned: anyShare(random),
    revoked: random.percent(50) ? NO_WORK : anyShare(random),
    delayMs: random.pick([0, 0, 1, 300_000, 2 ** 31 - 1]),
  };
}

function anyCase(random: Chance): Case {
  const protocol = random.pick(['sessioned', 'compatible'] as const);
  if (random.percent(50)) return { protocol, assignment: anyAssignment(random) };
  const url = random.pick(['http://worker-1:8083/', 'https://ünï.example:8443/', '']);
  const assignment = random.percent(25) ? null : anyAssignment(random);
  const state = { url, position: random.pick(OFFSETS), assignment, token: null };
  return { protocol, state };
}

const encoded = (one: Case): Buffer =>
  'state' in one ? encodeWorkerState(one.state, one.protocol) : encodeAssignment(one.assignment, one.protocol);

const decodedLike = (one: Case, bytes: Buffer): WorkerState | GroupAssignment | null =>
  'state' in one ? decodeWorkerState(bytes) : decodeAssignment(bytes);

/** Sorted: Java lists connectors in the order of its hashes. */
function comparable(value: unknown): unknown {
  return JSON.stringify({ ...(value as object), token: undefined }, (key, inner) =>
    key === 'token' ? undefined : Array.isArray(inner) ? inner.map((item) => JSON.stringify(item)).sort() : inner,
  );
}

t.test(
  'bytes are those of Java, both ways',
  { skip: await skipUnlessAvailable('java'), timeout: 100_000 },
  async (t) => {
    const random = chance(415);
    const cases = Array.from({ length: 600 }, () => anyCase(random));
    const questions = cases.map(({ protocol, ...one }) => ({
      ...one,
      sessioned: protocol === 'sessioned',
      ours: encoded({ protocol, ...one } as Case).toString('base64'),
    }));
    const printed = await javaRun({
      sourceFile: join(import.meta.dirname, 'ConnectProtocolOracle.java'),
      stdin: questions.map((question) => `${JSON.stringify(question)}\n`).join(''),
    });
    const answers: Answer[] = printed
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));
    t.equal(answers.length, cases.length);
    answers.forEach((answer, index) => {
      const one = cases[index]!;
      const given = 'state' in one ? one.state : one.assignment;
      const javas = Buffer.from(answer.bytes, 'base64');
      t.equal(comparable(answer.read), comparable(given), `${index}: Java reads ours`);
      const read = decodedLike(one, javas);
      t.equal(comparable(read), comparable(given), `${index}: we read Java's`);
      // In Java's order, which what was read has kept, each byte is the same.
      const again = 'state' in one ? { ...one, state: read } : { ...one, assignment: read };
      t.equal(encoded(again as Case).toString('hex'), javas.toString('hex'), `${index}: bytes`);
      if (answer.version !== undefined) t.equal(answer.version, one.protocol === 'sessioned' ? 2 : 1);
    });
  },
);

const SOME: GroupAssignment = {
  token: null,
  error: 0,
  leader: 'leader',
  leaderUrl: 'http://leader:8083/',
  position: 12,
  assigned: { connectors: ['a'], tasks: [{ connector: 'a', task: 0 }] },
  revoked: { connectors: [], tasks: [{ connector: 'b', task: 1 }] },
  delayMs: 5,
};

t.test('what a version before left out at the end counts as empty', async (t) => {
  const eager = encodeAssignment({ ...SOME, revoked: NO_WORK, delayMs: 0 }, 'compatible').subarray(0, -8);
  eager.writeInt16BE(0);
  t.strictSame(decodeAssignment(eager), { ...SOME, revoked: NO_WORK, delayMs: 0 });
  const state = encodeWorkerState({ url: 'u', position: 3, assignment: null, token: null }, 'compatible').subarray(
    0,
    -4,
  );
  t.strictSame(decodeWorkerState(state), { url: 'u', position: 3, assignment: null, token: null });
});

t.test('what a later version adds at the end is passed over', async (t) => {
  const later = Buffer.concat([encodeAssignment(SOME, 'sessioned'), Buffer.from('more')]);
  later.writeInt16BE(3);
  t.strictSame(decodeAssignment(later), SOME);
});

t.test('a member without an assignment has got no bytes', async (t) => {
  t.equal(decodeAssignment(Buffer.alloc(0)), null);
});

t.test('bytes of something else are refused, wherever they end', async (t) => {
  const whole = encodeWorkerState({ url: 'http://a:1/', position: 0, assignment: SOME, token: null }, 'sessioned');
  for (let length = 0; length < whole.length; length++) {
    // Exactly without the assignment they are whole again.
    if (length === 2 + 2 + 11 + 8) continue;
    t.throws(() => decodeWorkerState(whole.subarray(0, length)), {
      message: /no state of a worker in Kafka Connect's/,
    });
  }
  t.throws(() => decodeAssignment(Buffer.from([0xff, 0xff, 0, 0])), { message: /no assignment of work.*version -1/ });
  t.throws(() => decodeAssignment(Buffer.from([0, 1, 0, 0, 0xff, 0xff, 0, 0, 0, 0])), { message: /-1 bytes expected/ });
});

t.test('a token goes with a state, and comes back with the assignment that was made from it', async (t) => {
  const state = { url: 'u', position: 3, assignment: SOME, token: 2 ** 47 };
  t.strictSame(decodeWorkerState(encodeWorkerState(state, 'sessioned')), state);
  const assignment = { ...SOME, token: 7 };
  t.strictSame(decodeAssignment(encodeAssignment(assignment, 'sessioned')), assignment);
});
