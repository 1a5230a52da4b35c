import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildOnce, cacheFolder, contentKey, exists } from './cache.ts';

const run = promisify(execFile);

/** Kafka 4 needs Java 17. */
export const MINIMUM_JAVA = 17;

const KAFKA_FOLDER = join(import.meta.dirname, '..', 'kafka');
const POM = join(KAFKA_FOLDER, 'pom.xml');
const MAVEN_TIMEOUT_MS = 600_000;

/** JVM arguments that send the log of Kafka's classes to standard output; the level is `tributary.log.level`. */
export const LOGGING_ARGS: readonly string[] = [
  `-Dlog4j2.configurationFile=${join(KAFKA_FOLDER, 'log4j2.properties')}`,
];

/** JVM arguments for programs that live shortly: they start faster and never reach the optimising compiler. */
export const SHORT_LIVED_ARGS: readonly string[] = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xshare:auto'];

/** The path of a JDK tool: in `$JAVA_HOME` when that is set, else found along the PATH. */
export function jdkTool(tool: 'java' | 'javac'): string {
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

function commandProblem(command: string, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' ? `${command} was not found` : `${command} failed: ${message}`;
}

async function jarFolder(): Promise<string> {
  return join(cacheFolder(), 'java', `kafka-${contentKey(await readFile(POM))}`);
}

/** Whether Kafka's jars are in the cache, so that Maven and the network are not needed. */
export async function areJarsCached(): Promise<boolean> {
  return exists(await jarFolder());
}

/**
 * The class path of Kafka, its Connect worker and its plugins. The first call on a machine downloads the jars with Maven
 * (54 MB) into the cache; processes that ask at the same time wait for that download.
 */
export async function kafkaClassPath(): Promise<string> {
  const folder = await buildOnce(await jarFolder(), downloadJars);
  return join(folder, '*');
}

async function downloadJars(into: string): Promise<void> {
  const args = ['--batch-mode', '--quiet', '--file', POM, 'dependency:copy-dependencies'];
  try {
    await run('mvn', [...args, '-DincludeScope=runtime', `-DoutputDirectory=${into}`], { timeout: MAVEN_TIMEOUT_MS });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    const output = `${stdout ?? ''}${stderr ?? ''}`.trim();
    throw new Error(`Kafka's jars could not be downloaded: ${commandProblem('mvn', error)}\n${output}`);
  }
}
