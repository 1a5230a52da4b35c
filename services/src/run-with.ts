/**
 * Runs a command beside servers that it needs and stops them when it ends:
 *
 *     node services/src/run-with.ts kafka -- tap run
 *
 * The command finds the bootstrap servers in `$TRIBUTARY_TEST_KAFKA`. When that is set already, that Kafka is used and none is
 * started. A Cassandra and an InfluxDB are started for all of the command's processes when the first asks for it
 * (`sharedCassandra()`, `sharedInfluxdb()`). Exit code and signals are the command's. Where Kafka cannot be started the command runs without, and its Kafka
 * suites skip themselves; on a CI machine (`CI=true`) that is a failure.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { cassandra } from './cassandra.ts';
import { influxdb } from './influxdb.ts';
import { builtInfluxdb, mayBuildInfluxdb } from './influxdb-build.ts';
import { type KafkaHandle, kafka } from './kafka.ts';
import { available } from './requirements.ts';
import { type RunService, RunServices } from './run-services.ts';
import { TEST_CASSANDRA } from './shared-cassandra.ts';
import { influxdbText } from './shared-influxdb.ts';
import { SHARED_KAFKA_VARIABLE, TEST_KAFKA } from './shared-kafka.ts';

const SIGNAL_GRACE_MS = 1_000;
const FORWARDED: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

const ON_DEMAND: Readonly<Record<string, () => Promise<RunService>>> = {
  cassandra: () => cassandra(TEST_CASSANDRA),
  influxdb: async () => {
    const server = await influxdb();
    return { address: influxdbText(server), stop: () => server.stop() };
  },
};

type Outcome = { readonly code: number } | { readonly signal: NodeJS.Signals };

const [service, separator, command, ...args] = process.argv.slice(2);
if (service !== 'kafka' || separator !== '--' || command === undefined) {
  process.stderr.write('usage: run-with.ts kafka -- <command> [arguments]\n');
  process.exit(2);
}

let interruption: NodeJS.Signals | undefined;
let interrupt = (signal: NodeJS.Signals) => {
  interruption = signal;
};
const onSignal = (signal: NodeJS.Signals) => interrupt(signal);
for (const signal of FORWARDED) process.on(signal, onSignal);

end(await runWithKafka(command, args));

async function runWithKafka(command: string, args: readonly string[]): Promise<Outcome> {
  let server: KafkaHandle | undefined;
  if (!process.env[SHARED_KAFKA_VARIABLE]) {
    const availability = await available('kafka');
    if (availability.ok) {
      try {
        server = await kafka(TEST_KAFKA);
      } catch (error) {
        process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
        return { code: 1 };
      }
    } else {
      process.stderr.write(`skipped: ${availability.reason}\n`);
      if (process.env.CI === 'true') {
        process.stderr.write('CI=true: Kafka may not be skipped\n');
        return { code: 1 };
      }
    }
  }
  // Not when a test asks for it: that test would wait for minutes.
  if (mayBuildInfluxdb()) await builtInfluxdb((line) => process.stderr.write(`${line}\n`));
  const others = await RunServices.open(ON_DEMAND);
  try {
    if (interruption) return { signal: interruption };
    return await runCommand(command, args, {
      ...process.env,
      ...others.env,
      ...(server && { [SHARED_KAFKA_VARIABLE]: server.bootstrap }),
    });
  } finally {
    await Promise.all([server?.stop(), others.close()]);
  }
}

function runCommand(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'inherit', env });
    interrupt = (signal) => {
      // Ctrl-C in a terminal reaches the command by itself; a second one would make it give up without cleaning up.
      if (signal === 'SIGINT' && process.stdin.isTTY) return;
      child.kill(signal);
    };
    child.once('error', (error) => {
      process.stderr.write(`${command} could not be run: ${error.message}\n`);
      resolve({ code: 127 });
    });
    child.once('exit', (code, signal) => resolve(signal ? { signal } : { code: code ?? 1 }));
  });
}

/** Ends this process as the command ended. */
function end(outcome: Outcome): void {
  if ('code' in outcome) {
    process.exitCode = outcome.code;
    return;
  }
  for (const signal of FORWARDED) process.off(signal, onSignal);
  process.kill(process.pid, outcome.signal);
  // A listener of someone else's, loaded before us, may catch the signal: it is delivered by the event loop, which must live
  // on for it. If that listener swallows the signal, the exit code tells it as shells do.
  setTimeout(() => process.exit(128 + constants.signals[outcome.signal]), SIGNAL_GRACE_MS);
}
