export type { ConnectorFile, InitialState } from './config/files.ts';
export { readConnectorFile, readWorkerFile } from './config/files.ts';
export type { Level } from './logging/levels.ts';
export type { LeveledLogger, Loggers } from './logging/loggers.ts';
export { type LogOptions, openLoggers } from './logging/output.ts';
export { startWorker, type Worker, type WorkerOptions } from './worker.ts';
