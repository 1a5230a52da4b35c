import { ConfigError, type Logger, type Props } from '@tributary/api';
import type { ConnectorFile } from '../config/files.ts';
import { workerConfig } from '../config/worker-config.ts';
import { parseLevel } from '../logging/levels.ts';
import { openLoggers } from '../logging/output.ts';
import { startWorker, type Worker } from '../worker.ts';

const FORMATS = ['text', 'json'] as const;

export interface Session {
  readonly worker: Worker;
  readonly log: Logger;
  /** Resolves with the reason when the worker cannot go on. */
  readonly fatal: Promise<string>;
}

/** Starts a worker with its log as the config says. @throws ConfigError */
export async function startSession(props: Props, connectors: readonly ConnectorFile[]): Promise<Session> {
  const { 'log.format': format = 'text', ...rest } = props;
  const level = parseLevel(props['log.level'] ?? 'info');
  if (!FORMATS.includes(format as 'text'))
    throw new ConfigError(
      `Invalid value ${format} for configuration log.format: String must be one of: ${FORMATS.join(', ')}`,
    );
  if (!level)
    throw new ConfigError(
      `Invalid value ${props['log.level']} for configuration log.level: String must be one of: ${workerConfig['log.level'].oneOf!.join(', ')}`,
    );
  const loggers = openLoggers({ level, format: format as 'text' | 'json' });
  const log = loggers.get('tributary.worker');
  const fatal = Promise.withResolvers<string>();
  const worker = await startWorker({
    props: rest,
    connectors,
    loggers,
    onFatal: fatal.resolve,
  });
  return { worker, log, fatal: fatal.promise };
}

/** Resolves with the exit code when the worker has stopped after SIGINT or SIGTERM. A second signal ends the process at once. */
export function untilStopped({ worker, log, fatal }: Session, onStop: () => void = () => {}): Promise<number> {
  return new Promise((resolve) => {
    let stopping = false;
    const stop = async (exitCode: number): Promise<void> => {
      stopping = true;
      onStop();
      try {
        await worker.stop();
        log.info('The worker has stopped');
        resolve(exitCode);
      } catch (error) {
        log.error('The worker did not stop cleanly', { err: error });
        resolve(1);
      }
    };
    const onSignal = (signal: NodeJS.Signals): void => {
      if (stopping) process.exit(signal === 'SIGINT' ? 130 : 143);
      log.info(`${signal}: stopping the tasks and storing offsets; once more to end at once`);
      void stop(0);
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
    void fatal.then((reason) => {
      log.error(`The worker cannot go on and stops: ${reason}`);
      if (!stopping) void stop(1);
    });
  });
}
