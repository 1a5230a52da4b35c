import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Kafka 4 needs Java 17. */
export const MINIMUM_JAVA = 17;

const KAFKA_FOLDER = join(import.meta.dirname, '..', 'kafka');

/** JVM arguments that send the log of Kafka's classes to standard output; the level is `tributary.log.level`. */
export const LOGGING_ARGS: readonly string[] = [
  `-Dlog4j2.configurationFile=${join(KAFKA_FOLDER, 'log4j2.properties')}`,
];

/** JVM arguments for programs that live shortly: they start faster and never reach the optimising compiler. */
export const SHORT_LIVED_ARGS: readonly string[] = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xshare:auto'];

/** The path of a JDK tool: in `$JAVA_HOME` when that is set, else found along the PATH. */
export function jdkTool(tool: 'java' | 'javac' | 'keytool'): string {
  const home = process.env.JAVA_HOME;
  return home ? join(home, 'bin', tool) : tool;
}

/** The major version of the Java on this machine, or why there is none. */
export async function javaVersion(): Promise<number | { readonly problem: string }> {
  const java = jdkTool('java');
  try {
    const { stdout, stderr } = await run(java, ['-version']);
    // `openjdk version "17.0.15"`, and `"1.8.0_412"` before Java 9
    const version = /version "(?:1\.)?(\d+)/.exec(stderr + stdout)?.[1];
    return version ? Number(version) : { problem: `${java} -version printed no version` };
  } catch (error) {
    return { problem: commandProblem(java, error) };
  }
}

/** Undefined when `command --version` works, else why it does not. */
export async function versionProblem(command: string): Promise<string | undefined> {
  try {
    await run(command, ['--version']);
    return undefined;
  } catch (error) {
    return commandProblem(command, error);
  }
}

/** What to say of a command that did not work. */
export function commandProblem(command: string, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' ? `${command} was not found` : `${command} failed: ${message}`;
}
