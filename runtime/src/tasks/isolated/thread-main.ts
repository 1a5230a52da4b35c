/** The entry of a task's own thread. */
import { parentPort, workerData } from 'node:worker_threads';
import type { ToTask } from './messages.ts';
import { runTask } from './run.ts';
import type { ThreadData } from './thread.ts';

const { start, port } = workerData as ThreadData;

await runTask(start, {
  post: (message) => parentPort!.postMessage(message),
  onCommand: (listener) => parentPort!.on('message', (command: ToTask) => listener(command)),
  brokerPort: port,
});
parentPort!.close();
