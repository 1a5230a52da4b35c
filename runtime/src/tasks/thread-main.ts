/** The entry of a task's own thread. */
import { parentPort, workerData } from 'node:worker_threads';
import type { LogFields, Logger } from '@tributary/api';
import { openBroker } from '../broker/open.ts';
import type { Broker } from '../broker/port.ts';
import { builtInConverters } from '../convert/index.ts';
import { type LineLevel, passes } from '../logging/levels.ts';
import { TaskMetrics } from '../metrics/task-metrics.ts';
import { traceOf } from '../pipeline/trace.ts';
import { openRegistry } from '../plugins/registry.ts';
import { OffsetStore } from '../store/offset-store.ts';
import { ByteBudget } from './budget.ts';
import { startTask } from './run-task.ts';
import type { BrokerAccess, FromThread, ThreadStart, ToThread, Voice } from './thread-messages.ts';

const METRICS_EVERY_MS = 500;

const port = parentPort!;
const start = workerData as ThreadStart;
const post = (message: FromThread): void => port.postMessage(message);

/** Fields that cannot be cloned are sent as text. */
function cloneable(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => {
      if (value instanceof Error) return [key, { message: value.message, stack: value.stack }];
      return [key, typeof value === 'object' && value !== null ? JSON.parse(JSON.stringify(value)) : value];
    }),
  );
}

/** What of the worker's levels is known here: a line that nobody wants is not sent. */
const levels = { ...start.levels };

function loggerOf(voice: Voice): Logger {
  const at =
    (level: LineLevel) =>
    (message: string, fields: LogFields = {}): void => {
      if (passes(levels[voice], level)) post({ type: 'log', voice, level, message, fields: cloneable(fields) });
    };
  return { trace: at('trace'), debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

const log = loggerOf('log');
const pluginLog = loggerOf('pluginLog');

async function brokerOf(access: BrokerAccess): Promise<Broker> {
  if (access.type === 'direct') return openBroker(access);
  return (await import('../broker/remote/index.ts')).connectBroker(access.port);
}

async function run(): Promise<void> {
  const { spec } = start;
  const metrics = new TaskMetrics(spec.kind);
  // Commands that come while the task starts wait for it.
  const early: Exclude<ToThread, { type: 'level' }>[] = [];
  let obey = (command: (typeof early)[number]): void => void early.push(command);
  port.on('message', (command: ToThread) => {
    if (command.type === 'level') levels[command.voice] = command.level;
    else obey(command);
  });
  const registry = await openRegistry({ ...start.plugins, builtIn: builtInConverters });
  const broker = await brokerOf(start.broker);
  const offsets = new OffsetStore(broker, start.offsetsTopic, `offsets-${spec.id.connector}-${spec.id.task}`, log);
  const task = await startTask(
    spec,
    { broker, registry, offsets, budget: new ByteBudget(start.memoryBytes), log, pluginLog, metrics },
    {
      state: (state) => post({ type: state === 'RUNNING' ? 'running' : 'paused' }),
      topic: (name) => post({ type: 'topic', name }),
    },
  );
  const timer = setInterval(() => post({ type: 'metrics', data: metrics.data() }), METRICS_EVERY_MS);
  obey = (command) => {
    if (command.type === 'stop') void task.stop(command.timeoutMs);
    else task[command.type]();
  };
  early.forEach(obey);
  try {
    await task.done;
  } finally {
    clearInterval(timer);
    post({ type: 'metrics', data: metrics.data() });
    await offsets.close();
    await broker.close();
  }
}

run()
  .then(
    () => post({ type: 'stopped' }),
    (error: unknown) => post({ type: 'failed', trace: traceOf(error) }),
  )
  .finally(() => port.close());
