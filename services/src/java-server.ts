import { join } from 'node:path';
import { jdkTool, LOGGING_ARGS, SHORT_LIVED_ARGS } from './java.ts';
import { jarsOf } from './maven.ts';
import { ServerProcess } from './server-process.ts';

/** Options that every Java server has. */
export interface JavaServerOptions {
  /** Largest heap, MiB. */
  readonly heapMb?: number;
  /**
   * `full`: Java as users run it, for measurements and long runs (default). `quick`: only the first compiler and the serial
   * collector; a server starts with two thirds of the CPU time and stays slower.
   */
  readonly jit?: 'full' | 'quick';
  /** Further arguments for the JVM, after ours. */
  readonly jvmArgs?: readonly string[];
  /** The least level that goes to the server's log. Default `INFO`. */
  readonly logLevel?: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';
  /** How long it may take until it is ready, ms. Default 60000. */
  readonly startTimeoutMs?: number;
  /**
   * Whether the running server keeps this process from ending by itself. Default true. Either way the server ends at the
   * latest when this process does, also when this process is killed.
   */
  readonly keepAlive?: boolean;
}

/** {@link JavaServerOptions} with every default filled in. */
export type JavaServerSettings = Required<JavaServerOptions>;

/** Fills in the defaults. */
export function javaServerSettings(options: JavaServerOptions, heapMb: number): JavaServerSettings {
  return {
    heapMb: options.heapMb ?? heapMb,
    jit: options.jit ?? 'full',
    jvmArgs: options.jvmArgs ?? [],
    logLevel: options.logLevel ?? 'INFO',
    startTimeoutMs: options.startTimeoutMs ?? 60_000,
    keepAlive: options.keepAlive ?? true,
  };
}

/** Starts `mainClass` on Kafka's class path, its log in `<folder>/server.log`. Does not wait until it is ready. */
export async function startJavaServer(
  server: {
    readonly name: string;
    readonly mainClass: string;
    readonly args: readonly string[];
    readonly folder: string;
    readonly temporaryFolder?: string | undefined;
  },
  settings: JavaServerSettings,
): Promise<ServerProcess> {
  const jars = await jarsOf('kafka');
  return new ServerProcess({
    name: server.name,
    command: jdkTool('java'),
    args: [
      `-Xmx${settings.heapMb}m`,
      ...(settings.jit === 'quick' ? SHORT_LIVED_ARGS : []),
      ...LOGGING_ARGS,
      `-Dtributary.log.level=${settings.logLevel}`,
      ...settings.jvmArgs,
      '-cp',
      jars,
      server.mainClass,
      ...server.args,
    ],
    logFile: serverLog(server.folder),
    temporaryFolder: server.temporaryFolder,
    keepAlive: settings.keepAlive,
  });
}

/** Where a server in `folder` logs. */
export function serverLog(folder: string): string {
  return join(folder, 'server.log');
}
