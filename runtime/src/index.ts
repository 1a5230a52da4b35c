export type { ConnectorFile, InitialState } from './config/files.ts';
export { readConnectorFile, readWorkerFile } from './config/files.ts';
export { loggerOf, openLog } from './log.ts';
export { startWorker, type Worker, type WorkerOptions } from './worker.ts';
