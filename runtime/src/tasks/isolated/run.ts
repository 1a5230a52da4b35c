import type { LogFields, Logger } from '@tributary/api';
import { openBroker } from '../../broker/open.ts';
import type { Broker } from '../../broker/port.ts';
import type { BrokerPort } from '../../broker/remote/protocol.ts';
import { builtInConverters } from '../../convert/index.ts';
import { type LineLevel, passes } from '../../logging/levels.ts';
import { TaskMetrics } from '../../metrics/task-metrics.ts';
import { traceOf } from '../../pipeline/trace.ts';
import { openRegistry } from '../../plugins/registry.ts';
import { OffsetStore } from '../../store/offset-store.ts';
import { ByteBudget } from '../budget.ts';
import { startTask } from '../run-task.ts';
import { SupersededError } from '../superseded.ts';
import { untilAvailable } from '../until-available.ts';
import type { FromTask, TaskStart, ToTask, Voice } from './messages.ts';

/** How often the worker hears from the task, in milliseconds. */
const BEAT_MS = 500;

/** The way to the worker that started this thread or process. */
export interface Channel {
  readonly post: (message: FromTask) => void;
  readonly onCommand: (listener: (command: ToTask) => void) => void;
  /** To the worker's broker, where the task has no connections of its own. */
  readonly brokerPort: BrokerPort | null;
}

/** Fields that cannot be cloned are sent as text. */
function cloneable(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => {
      if (value instanceof Error) return [key, { message: value.message, stack: value.stack }];
      return [key, typeof value === 'object' && value !== null ? JSON.parse(JSON.stringify(value)) : value];
    }),
  );
}

async function brokerOf({ broker }: TaskStart, port: BrokerPort | null): Promise<Broker> {
  if (broker.type === 'direct') return openBroker(broker);
  return (await import('../../broker/remote/index.ts')).connectBroker(port!);
}

/** Runs a task in the thread or process that was made for it, until it has stopped or failed, and tells the worker. Never throws. */
export async function runTask(start: TaskStart, channel: Channel): Promise<void> {
  const metrics = new TaskMetrics(start.spec.kind);
  let told = -1;
  const beat = (): void => {
    const { changes } = metrics;
    channel.post(changes === told ? { type: 'alive' } : { type: 'metrics', data: metrics.data() });
    told = changes;
  };
  beat();
  const timer = setInterval(beat, BEAT_MS);
  try {
    await run(start, channel, metrics);
    beat();
    channel.post({ type: 'stopped' });
  } catch (error) {
    beat();
    channel.post(
      error instanceof SupersededError
        ? { type: 'superseded', message: error.message }
        : { type: 'failed', trace: traceOf(error) },
    );
  } finally {
    clearInterval(timer);
  }
}

async function run(start: TaskStart, { post, onCommand, brokerPort }: Channel, metrics: TaskMetrics): Promise<void> {
  const { spec } = start;
  // What of the worker's levels is known here: a line that nobody wants is not sent.
  const levels = { ...start.levels };
  const loggerOf = (voice: Voice): Logger => {
    const at =
      (level: LineLevel) =>
      (message: string, fields: LogFields = {}): void => {
        if (passes(levels[voice], level)) post({ type: 'log', voice, level, message, fields: cloneable(fields) });
      };
    return { trace: at('trace'), debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  };
  const [log, pluginLog] = [loggerOf('log'), loggerOf('pluginLog')];
  // Commands that come while the task starts wait for it.
  const early: Exclude<ToTask, { type: 'level' | 'may-write' }>[] = [];
  let obey = (command: (typeof early)[number]): void => void early.push(command);
  const asked: Array<(answer: boolean) => void> = [];
  onCommand((command) => {
    if (command.type === 'level') levels[command.voice] = command.level;
    else if (command.type === 'may-write') asked.shift()?.(command.answer);
    else obey(command);
  });
  const registry = await openRegistry({ ...start.plugins, builtIn: builtInConverters });
  const broker = await untilAvailable(() => brokerOf(start, brokerPort), log);
  const offsets = new OffsetStore(broker, start.offsetsTopic, `offsets-${spec.id.connector}-${spec.id.task}`, log);
  try {
    const task = await startTask(
      spec,
      { broker, registry, offsets, budget: new ByteBudget(start.memoryBytes), log, pluginLog, metrics },
      {
        state: (state) => post({ type: state === 'RUNNING' ? 'running' : 'paused' }),
        topic: (name) => post({ type: 'topic', name }),
        mayWrite: () => {
          const { promise, resolve } = Promise.withResolvers<boolean>();
          asked.push(resolve);
          post({ type: 'may-write' });
          return promise;
        },
      },
    );
    obey = (command) => {
      if (command.type === 'stop') void task.stop(command.timeoutMs);
      else task[command.type]();
    };
    early.forEach(obey);
    await task.done;
  } finally {
    await offsets.close();
    await broker.close();
  }
}
