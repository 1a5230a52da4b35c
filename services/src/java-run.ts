import { type SpawnOptions, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { basename, delimiter, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { buildOnce, cacheFolder, contentKey } from './cache.ts';
import { jdkTool, SHORT_LIVED_ARGS } from './java.ts';
import { jarsOf } from './maven.ts';

/** What {@link javaRun} runs: a class on Kafka's class path, or a source file of ours that uses it. */
export type JavaProgram =
  | {
      /** Full name of a class with a `main` method. */
      readonly mainClass: string;
    }
  | {
      /** Path of a `.java` file; the class with the `main` method has the file's name. */
      readonly sourceFile: string;
      /** Further source files, compiled with it. */
      readonly withSources?: readonly string[];
    };

/** Options of {@link javaRun}. */
export type JavaRunOptions = JavaProgram & {
  /** The jars it runs on: `kafka`, or Java's converters with a schema registry on Connect's API. Default `kafka`. */
  readonly jars?: 'kafka' | 'registry-converters';
  readonly args?: readonly string[];
  /** What the program reads from its standard input. Default: nothing. */
  readonly stdin?: string | Uint8Array;
  readonly jvmArgs?: readonly string[];
  /** Kills the program after so many ms. Default 60000. */
  readonly timeoutMs?: number;
};

const DEFAULT_TIMEOUT_MS = 60_000;

// What goes through the pipes is UTF-8 whatever the locale; until Java 18 the streams follow the first, since then the second.
const UTF_8_ARGS = ['-Dfile.encoding=UTF-8', '-Dstdout.encoding=UTF-8', '-Dstderr.encoding=UTF-8'];

/**
 * Runs a short Java program on the class path of Kafka, Connect and its transforms and converters, to compare with; its
 * standard streams are UTF-8. A source
 * file is compiled once and its classes are cached by its contents.
 *
 * @returns what it printed to standard output.
 * @throws Error with what it printed to standard error, when it does not compile or ends with another exit code than 0.
 */
export async function javaRun(options: JavaRunOptions): Promise<string> {
  const jars = await jarsOf(options.jars ?? 'kafka');
  const { classPath, mainClass } =
    'sourceFile' in options
      ? await compiled(resolve(options.sourceFile), options.withSources ?? [], jars)
      : { classPath: jars, ...options };
  const args = [
    ...SHORT_LIVED_ARGS,
    ...UTF_8_ARGS,
    ...(options.jvmArgs ?? []),
    '-cp',
    classPath,
    mainClass,
    ...(options.args ?? []),
  ];
  return execute(mainClass, jdkTool('java'), args, options.stdin ?? '', options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
}

async function compiled(
  sourceFile: string,
  others: readonly string[],
  jars: string,
): Promise<{ classPath: string; mainClass: string }> {
  const source = await readFile(sourceFile);
  const further = await Promise.all(others.map((file) => readFile(file)));
  const name = basename(sourceFile, '.java');
  const javaPackage = /^\s*package\s+([\w.]+)\s*;/m.exec(source.toString())?.[1];
  const key = contentKey(jars, name, source, ...further);
  const classes = await buildOnce(join(cacheFolder(), 'java', `classes-${key}`), async (into) => {
    const args = ['-cp', jars, '-d', into, '-encoding', 'UTF-8', '-proc:none', sourceFile, ...others];
    await execute(`compiling ${sourceFile}`, jdkTool('javac'), args, '', DEFAULT_TIMEOUT_MS);
  });
  return {
    classPath: `${classes}${delimiter}${jars}`,
    mainClass: javaPackage ? `${javaPackage}.${name}` : name,
  };
}

/** Runs a command to its end, `name` in error messages; resolves with its standard output. */
async function execute(
  name: string,
  command: string,
  args: readonly string[],
  stdin: string | Uint8Array,
  timeoutMs: number,
): Promise<string> {
  const options = { stdio: 'pipe', timeout: timeoutMs, killSignal: 'SIGKILL' } satisfies SpawnOptions;
  const child = spawn(command, args, options);
  // A program may end without reading all that it was given.
  child.stdin.on('error', () => undefined);
  child.stdin.end(stdin);
  const ended = new Promise<string | undefined>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve(signal ? `ended by ${signal}` : code === 0 ? undefined : `exited with code ${code}`);
    });
  });
  const [problem, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  if (problem) throw new Error(`${name} ${problem}:\n${stderr}${stdout}`);
  return stdout;
}
