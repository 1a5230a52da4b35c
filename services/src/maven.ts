import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildOnce, cacheFolder, contentKey, exists } from './cache.ts';
import { commandProblem } from './java.ts';

const run = promisify(execFile);

const TIMEOUT_MS = 600_000;

const COPY_JARS = ['dependency:copy-dependencies', '-DincludeScope=runtime'];
const UNPACK = ['dependency:unpack-dependencies'];

/**
 * What Maven brings into the cache, each named as the folder beside `src` that holds its pom: what messages call it, and the goal
 * that puts what the pom names into a folder.
 */
const DOWNLOADS = {
  /** Kafka, its Connect worker and its plugins, 54 MB. */
  kafka: { what: "Kafka's jars", goal: COPY_JARS },
  /** Java's converters with a schema registry, and Connect's API, 27 MB. */
  'registry-converters': { what: "Java's registry converters", goal: COPY_JARS },
  /** Apicurio Registry as it is released, 142 MB. */
  'schema-registry': { what: 'the schema registry', goal: UNPACK },
  /** Apache Cassandra, 67 MB. */
  cassandra: { what: "Cassandra's jars", goal: COPY_JARS },
  /** QuestDB, 29 MB. */
  questdb: { what: "QuestDB's jar", goal: COPY_JARS },
} as const;

/** The name of something that Maven brings into the cache. */
export type MavenDownload = keyof typeof DOWNLOADS;

const pomOf = (name: MavenDownload): string => join(import.meta.dirname, '..', name, 'pom.xml');

async function folderOf(name: MavenDownload): Promise<string> {
  return join(cacheFolder(), 'java', `${name}-${contentKey(await readFile(pomOf(name)))}`);
}

/** Whether it is in the cache, so that Maven and the network are not needed. */
export async function isDownloaded(name: MavenDownload): Promise<boolean> {
  return exists(await folderOf(name));
}

/**
 * The folder that holds it. The first call on a machine downloads it into the cache; processes that ask at the same time wait
 * for that download.
 */
export async function downloaded(name: MavenDownload): Promise<string> {
  return buildOnce(await folderOf(name), (into) => runMaven(name, into));
}

/** {@link downloaded} jars as a class path. */
export async function jarsOf(name: MavenDownload): Promise<string> {
  return join(await downloaded(name), '*');
}

async function runMaven(name: MavenDownload, into: string): Promise<void> {
  const { what, goal } = DOWNLOADS[name];
  const args = ['--batch-mode', '--quiet', '--file', pomOf(name), ...goal];
  // Maven's marks of what was unpacked go with it, and not into a folder beside the pom.
  args.push(`-DoutputDirectory=${into}`, `-DmarkersDirectory=${into}`);
  try {
    await run('mvn', args, { timeout: TIMEOUT_MS });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    const output = `${stdout ?? ''}${stderr ?? ''}`.trim();
    throw new Error(`${what} could not be downloaded: ${commandProblem('mvn', error)}\n${output}`);
  }
}
