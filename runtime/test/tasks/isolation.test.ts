import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Props } from '@tributary/api';
import { freePorts, sharedKafka, skipUnlessAvailable } from '@tributary/services';
import t, { type Test } from 'tap';
import { type WorkerProcess, workerProcess } from '../support/process.ts';
import { groupOf, tempDir, until } from '../support/worker.ts';

const MIB = 1024 * 1024;
const PLUGINS = join(import.meta.dirname, 'fixtures', 'misbehaving');
const KAFKA = await skipUnlessAvailable('kafka');

/** What a plugin does, where that must be survived, how the task's trace begins, and the keys that it takes. */
const MISDEEDS: ReadonlyArray<{ how: string; places: readonly string[]; trace: RegExp; config?: Props }> = [
  {
    how: 'loop',
    places: ['thread', 'process'],
    trace: /^The task has not answered for 5000 ms \(task\.unresponsive\.timeout\.ms\)/,
    config: { 'task.unresponsive.timeout.ms': '5000' },
  },
  {
    how: 'heap',
    places: ['thread', 'process'],
    trace:
      /^(The heap of the task ran out: with task\.memory\.max\.bytes=|The task has \d+ bytes in memory, more than task\.memory\.max\.bytes=)\d+/,
    config: { 'task.memory.max.bytes': String(192 * MIB) },
  },
  {
    how: 'buffers',
    places: ['thread', 'process'],
    trace: /^The task has \d+ bytes in memory, more than task\.memory\.max\.bytes=\d+/,
    config: { 'task.memory.max.bytes': String(192 * MIB) },
  },
  { how: 'throw', places: ['thread', 'process'], trace: /^thrown where nobody catches it\n +at / },
  { how: 'reject', places: ['thread', 'process'], trace: /^rejected where nobody waits\n +at / },
  { how: 'exit', places: ['thread', 'process'], trace: /^The (thread|process) of the task ended with exit code 0/ },
  { how: 'abort', places: ['process'], trace: /^The process of the task was ended by SIGABRT/ },
];

interface Scene extends WorkerProcess {
  readonly dir: string;
  create(name: string, config: Props): Promise<void>;
  /** The state of a connector's only task. */
  task(name: string): Promise<{ state: string; trace?: string } | undefined>;
  untilTask(name: string, state: string): Promise<void>;
  /** Writes a line to the neighbour's input and waits until it has copied it. */
  neighbourCopies(line: string): Promise<void>;
}

/** A worker as a process, whose own tasks copy a file in its own thread: what a misdeed could spoil. */
async function scene(t: Test, props: Props = {}): Promise<Scene> {
  const dir = tempDir(t);
  const [port] = await freePorts(1);
  const worker = await workerProcess(t, dir, port!, {
    'bootstrap.servers': `embedded:${join(dir, 'log')}`,
    'plugin.path': PLUGINS,
    'offset.flush.interval.ms': '200',
    ...props,
  });
  const [input, output] = [join(dir, 'in.txt'), join(dir, 'out.txt')];
  writeFileSync(input, '');
  t.teardown(() => {
    if (!t.passing())
      t.comment(`The worker (${worker.child.signalCode ?? worker.child.exitCode}):\n${worker.output().slice(-4_000)}`);
  });
  const task: Scene['task'] = async (name) => {
    const answer = await fetch(`${worker.url}/connectors/${name}/status`);
    if (!answer.ok) return undefined;
    return ((await answer.json()) as { tasks: { state: string; trace?: string }[] }).tasks[0];
  };
  const create: Scene['create'] = async (name, config) => {
    const answer = await fetch(`${worker.url}/connectors`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name, config }),
    });
    const text = await answer.text();
    if (answer.status !== 201) throw new Error(`${name}: ${text}`);
  };
  const topic = `${props['group.id'] ?? 'x'}-lines`;
  await create('neighbour-in', { 'connector.class': 'FileStreamSource', file: input, topic });
  await create('neighbour-out', { 'connector.class': 'FileStreamSink', file: output, topics: topic });
  return {
    ...worker,
    dir,
    create,
    task,
    untilTask: (name, state) => until(async () => (await task(name))?.state === state),
    async neighbourCopies(line) {
      appendFileSync(input, `${line}\n`);
      await until(() => existsSync(output) && readFileSync(output, 'utf8').endsWith(`${line}\n`));
    },
  };
}

/** The id of the process that has a task of the worker. */
function processOf({ child: { pid } }: WorkerProcess, task: string): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  return Number(children.find((id) => readFileSync(`/proc/${id}/cmdline`, 'latin1').endsWith(`\0${task}\0`)));
}

/** Whether a process is there, and more than an entry that nobody has asked for yet. */
function lives(pid: number): boolean {
  const status = `/proc/${pid}/status`;
  return existsSync(status) && !/^State:\s*Z/m.test(readFileSync(status, 'utf8'));
}

for (const place of ['thread', 'process']) {
  for (const log of ['embedded', 'Kafka']) {
    t.test(
      `whatever a plugin does in a ${place} of its own (${log}), its task fails and nothing else`,
      { skip: log === 'Kafka' && KAFKA },
      async (t) => {
        const group = `isolation-${place}-${process.pid}-${Date.now()}`;
        const kafka = log === 'Kafka' ? { 'bootstrap.servers': await sharedKafka(), ...groupOf(group) } : {};
        const here = await scene(t, kafka);
        const misdeeds = MISDEEDS.filter(({ places }) => places.includes(place));
        const when = join(here.dir, 'now');
        for (const { how, config } of misdeeds) {
          const common = { 'task.isolation': place, how, when, ...config };
          await here.create(how, { ...common, 'connector.class': 'MisbehavingSource', topic: `${group}-${how}` });
        }
        for (const { how } of misdeeds) await here.untilTask(how, 'RUNNING');
        await here.neighbourCopies('before');
        writeFileSync(when, '');
        for (const { how, trace } of misdeeds) {
          await here.neighbourCopies(`while ${how}`);
          await here.untilTask(how, 'FAILED');
          t.match((await here.task(how))!.trace, trace, how);
        }
        await here.neighbourCopies('after');
        t.equal((await here.task('neighbour-in'))?.state, 'RUNNING');
        t.equal((await here.task('neighbour-out'))?.state, 'RUNNING');
        t.equal(here.child.exitCode, null);
        t.equal(await here.stop(), 0, 'the worker stops in order');
      },
    );
  }
}

t.test('a sink that loops is ended when it is to stop, and so is one whose worker was killed', async (t) => {
  const here = await scene(t);
  const when = join(here.dir, 'now');
  const config = { 'connector.class': 'MisbehavingSink', topics: 'x-lines', how: 'loop', when };
  for (const place of ['thread', 'process']) await here.create(place, { ...config, 'task.isolation': place });
  for (const place of ['thread', 'process']) await here.untilTask(place, 'RUNNING');
  const child = processOf(here, 'process-0');
  writeFileSync(when, '');
  await here.neighbourCopies('loop on');
  const answer = await fetch(`${here.url}/connectors/thread`, { method: 'DELETE' });
  t.equal(answer.status, 204);
  await until(async () => (await here.task('thread')) === undefined);
  t.ok(lives(child));
  await here.kill();
  await until(() => !lives(child));
  t.pass('the process is gone');
});

t.test('a task whose process crashed comes back by itself with tasks.restart.policy=on-failure', async (t) => {
  const here = await scene(t, { 'tasks.restart.policy': 'on-failure', 'tasks.restart.backoff.ms': '50' });
  const [when, once] = [join(here.dir, 'now'), join(here.dir, 'once')];
  await here.create('crash', {
    'connector.class': 'MisbehavingSource',
    'task.isolation': 'process',
    topic: 'numbers',
    how: 'abort',
    when,
    once,
  });
  await here.untilTask('crash', 'RUNNING');
  writeFileSync(when, '');
  await until(() => here.output().includes('Task crash-0 is started again'));
  writeFileSync(once, '');
  await here.untilTask('crash', 'RUNNING');
  await here.neighbourCopies('after');
  t.equal(await here.stop(), 0);
});
