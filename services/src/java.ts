import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildOnce, cacheFolder, contentKey, exists } from './cache.ts';

const run = promisify(execFile);

/** Kafka 4 needs Java 17. */
export const MINIMUM_JAVA = 17;

const KAFKA_FOLDER = join(import.meta.dirname, '..', 'kafka');
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

/** What Maven brings into the cache: a name, and the goal that puts what its pom names into a folder. */
interface MavenDownload {
  readonly name: string;
  /** For messages. */
  readonly what: string;
  readonly goal: readonly string[];
}

const COPY_JARS = ['dependency:copy-dependencies', '-DincludeScope=runtime'];
const KAFKA: MavenDownload = { name: 'kafka', what: "Kafka's jars", goal: COPY_JARS };
const CONVERTERS: MavenDownload = {
  name: 'registry-converters',
  what: "Java's registry converters",
  goal: COPY_JARS,
};
const REGISTRY: MavenDownload = {
  name: 'schema-registry',
  what: 'the schema registry',
  goal: ['dependency:unpack-dependencies'],
};

const pomOf = ({ name }: MavenDownload): string => join(import.meta.dirname, '..', name, 'pom.xml');

async function folderOf(download: MavenDownload): Promise<string> {
  return join(cacheFolder(), 'java', `${download.name}-${contentKey(await readFile(pomOf(download)))}`);
}

/** Whether Kafka's jars are in the cache, so that Maven and the network are not needed. */
export async function areJarsCached(): Promise<boolean> {
  return exists(await folderOf(KAFKA));
}

/** The same of the schema registry. */
export async function isRegistryCached(): Promise<boolean> {
  return exists(await folderOf(REGISTRY));
}

/**
 * The class path of Kafka, its Connect worker and its plugins. The first call on a machine downloads the jars with Maven
 * (54 MB) into the cache; processes that ask at the same time wait for that download.
 */
export async function kafkaClassPath(): Promise<string> {
  return join(await downloaded(KAFKA), '*');
}

/** The class path of Java's converters with a schema registry, with Connect's API (27 MB); else as {@link kafkaClassPath}. */
export async function registryConvertersClassPath(): Promise<string> {
  return join(await downloaded(CONVERTERS), '*');
}

/** The folder of the schema registry as it is released (142 MB); else as {@link kafkaClassPath}. */
export async function schemaRegistryFolder(): Promise<string> {
  return downloaded(REGISTRY);
}

async function downloaded(download: MavenDownload): Promise<string> {
  return buildOnce(await folderOf(download), (into) => runMaven(download, into));
}

async function runMaven(download: MavenDownload, into: string): Promise<void> {
  const args = ['--batch-mode', '--quiet', '--file', pomOf(download), ...download.goal];
  // Maven's marks of what was unpacked go with it, and not into a folder beside the pom.
  args.push(`-DoutputDirectory=${into}`, `-DmarkersDirectory=${into}`);
  try {
    await run('mvn', args, { timeout: MAVEN_TIMEOUT_MS });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    const output = `${stdout ?? ''}${stderr ?? ''}`.trim();
    throw new Error(`${download.what} could not be downloaded: ${commandProblem('mvn', error)}\n${output}`);
  }
}
