import { ConfigError, type Logger, type Props } from '@tributary/api';
import type { ConnectorFile } from '../config/files.ts';
import { loggerOf, openLog } from '../log.ts';
import { startWorker, type Worker } from '../worker.ts';

const FORMATS = ['text', 'json'] as const;
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error'];

export interface Session {
  readonly worker: Worker;
  readonly log: Logger;
}

/** Starts a worker with its log as the config says. @throws ConfigError */
export async function startSession(props: Props, connectors: readonly ConnectorFile[]): Promise<Session> {
  const { 'log.format': format = 'text', ...rest } = props;
  const level = props['log.level'] ?? 'info';
  if (!FORMATS.includes(format as 'text'))
    throw new ConfigError(
      `Invalid value ${format} for configuration log.format: String must be one of: ${FORMATS.join(', ')}`,
    );
  if (!LEVELS.includes(level))
    throw new ConfigError(
      `Invalid value ${level} for configuration log.level: String must be one of: ${LEVELS.join(', ')}`,
    );
  const pino = openLog({ level, format: format as 'text' | 'json' });
  const log = loggerOf(pino);
  const worker = await startWorker({
    props: rest,
    connectors,
    log,
    taskLog: (connector, task) => loggerOf(pino, { connector, task }),
  });
  return { worker, log };
}

/** Resolves when the worker has stopped after SIGINT or SIGTERM. A second signal ends the process at once. */
export function untilStopped({ worker, log }: Session, onStop: () => void = () => {}): Promise<number> {
  return new Promise((resolve) => {
    let stopping = false;
    const stop = (signal: NodeJS.Signals): void => {
      if (stopping) process.exit(signal === 'SIGINT' ? 130 : 143);
      stopping = true;
      onStop();
      log.info(`${signal}: stopping the tasks and storing offsets; once more to end at once`);
      worker.stop().then(
        () => {
          log.info('The worker has stopped');
          resolve(0);
        },
        (error: unknown) => {
          log.error('The worker did not stop cleanly', { err: error });
          resolve(1);
        },
      );
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
}
