/** The entry of a task's own process. */
import { traceOf } from '../../pipeline/trace.ts';
import type { ToTask } from './messages.ts';
import type { FromProcess, ToProcess } from './process.ts';
import { ProcessPort } from './process-port.ts';
import { runTask } from './run.ts';

/** How often the worker is told of the memory, in milliseconds, where it cannot see for itself. */
const REPORT_MS = 500;

// These signals reach a worker's whole group or container, and it is the worker that stops its tasks in order.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
// Without its worker a task must not write any longer.
process.on('disconnect', () => process.exit(1));

const send = (message: FromProcess, sent?: () => void): void => {
  if (process.connected) process.send!(message, undefined, undefined, () => sent?.());
};
const port = new ProcessPort((message) => send({ to: 'broker', message }));
let obey = (_command: ToTask): void => {};

process.on('uncaughtException', (error) => {
  send({ to: 'task', message: { type: 'failed', trace: traceOf(error) } }, () => process.exit(1));
});

process.on('message', (envelope: ToProcess) => {
  if (envelope.to === 'broker') port.receive(envelope.message);
  else if (envelope.to === 'task') obey(envelope.message);
  else {
    const { message: start } = envelope;
    void runTask(start, {
      post: (message) => send({ to: 'task', message }),
      onCommand: (listener) => {
        obey = listener;
      },
      brokerPort: start.broker.type === 'served' ? port : null,
    }).then(() => send({ to: 'task', message: { type: 'alive' } }, () => process.exit(0)));
  }
});

if (process.platform !== 'linux')
  setInterval(() => send({ to: 'resident', bytes: process.memoryUsage.rss() }), REPORT_MS);
