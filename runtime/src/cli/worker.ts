import { readConnectorFile, readWorkerFile } from '../config/files.ts';
import { parseArguments } from './arguments.ts';
import { CommandError } from './help.ts';
import { startSession, untilStopped } from './run.ts';

/** `tributary worker FILE [CONNECTOR...]`. @returns the exit code */
export async function runWorker(args: readonly string[]): Promise<number> {
  const { files, overrides } = parseArguments(args);
  const [file, ...connectors] = files;
  if (file === undefined) throw new CommandError('worker needs the file of its config');
  const session = await startSession({ ...readWorkerFile(file), ...overrides }, connectors.map(readConnectorFile));
  session.log.info(`The worker is up; its REST API is at ${session.worker.url}`);
  return untilStopped(session);
}
