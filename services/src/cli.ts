import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { builtInfluxdb } from './influxdb-build.ts';
import { available } from './requirements.ts';
import { isAlive, readStates, removeState, type ServiceState, stateFolder } from './state.ts';
import type { SupervisorOrder, SupervisorReport } from './supervisor.ts';

const HELP = `Starts the servers that tests and benchmarks use, without Docker, on 127.0.0.1.

usage: npm run services -- <command>

  up kafka [--brokers 1|3] [--port 9092] [--name kafka] [--set key=value]...
      Apache Kafka; three brokers take three ports in a row
  up connect [--bootstrap host:port] [--port 8083] [--name connect] [--set key=value]...
      Apache Kafka Connect's worker, distributed, on the Kafka that is up
  up schema-registry [--port 8081] [--name schema-registry] [--set key=value]...
      Apicurio Registry with Confluent's API, in memory
  up cassandra [--port 9042] [--name cassandra] [--auth] [--tls] [--set key=value]...
      Apache Cassandra, one node; --auth asks for a password (cassandra/cassandra), --tls for TLS (ca.pem is beside its log)
  up influxdb [--port 8086] [--name influxdb] [--set flag=value]...
      InfluxDB 2.7, org tributary, bucket ticks, token test-token; built first when it is not in the cache
  up questdb [--port 9000] [--name questdb] [--set key=value]...
      QuestDB, which takes InfluxDB's line protocol
  build influxdb
      builds InfluxDB into the cache: 8 minutes on two cores; needs Go, Rust, a C compiler and pkg-config
  down [name]...
      stops what up started, all of it without a name; its data goes with it
  status
      lists what up started

  --port 0 takes a free port; --set gives a property to the server, for Cassandra a setting
  of cassandra.yaml, for InfluxDB a flag without its dashes
`;

const DEFAULT_PORTS = {
  kafka: 9092,
  connect: 8083,
  'schema-registry': 8081,
  cassandra: 9042,
  influxdb: 8086,
  questdb: 9000,
} as const;
const SERVICES = Object.keys(DEFAULT_PORTS) as readonly (keyof typeof DEFAULT_PORTS)[];
/** Options that only one service takes. */
const OPTIONS_OF = { brokers: 'kafka', bootstrap: 'connect', auth: 'cassandra', tls: 'cassandra' } as const;
// A Connect worker may take 30 s to shut down in order.
const DOWN_TIMEOUT_MS = 45_000;
const POLL_MS = 50;

class UsageError extends Error {}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const usage = error instanceof UsageError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS');
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  if (usage) process.stderr.write('npm run services -- --help tells more\n');
  process.exitCode = usage ? 2 : 1;
}

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      name: { type: 'string' },
      port: { type: 'string' },
      brokers: { type: 'string' },
      bootstrap: { type: 'string' },
      auth: { type: 'boolean' },
      tls: { type: 'boolean' },
      set: { type: 'string', multiple: true },
    },
  });
  const [command, ...names] = positionals;
  if (values.help || command === undefined) {
    process.stdout.write(HELP);
    return values.help ? 0 : 2;
  }
  if (command !== 'up' && Object.keys(values).length > 0) throw new UsageError(`${command} takes no options`);
  switch (command) {
    case 'up':
      return up(await orderFrom(names, values));
    case 'build':
      if (names.length !== 1 || names[0] !== 'influxdb') throw new UsageError('build takes influxdb');
      return build();
    case 'down':
      return down(names);
    case 'status':
      if (names.length > 0) throw new UsageError('status takes no arguments');
      return status();
    default:
      throw new UsageError(`there is no command ${command}`);
  }
}

interface UpValues {
  readonly name?: string;
  readonly port?: string;
  readonly brokers?: string;
  readonly bootstrap?: string;
  readonly auth?: boolean;
  readonly tls?: boolean;
  readonly set?: readonly string[];
}

async function orderFrom(services: readonly string[], values: UpValues): Promise<SupervisorOrder> {
  const service = SERVICES.find((name) => name === services[0]);
  if (services.length !== 1 || service === undefined) throw new UsageError(`up takes one of: ${SERVICES.join(', ')}`);
  for (const [option, owner] of Object.entries(OPTIONS_OF)) {
    if (option in values && service !== owner) throw new UsageError(`--${option} is for up ${owner}`);
  }
  const name = values.name ?? service;
  if (!/^[\w-]+$/.test(name)) throw new UsageError('--name takes letters, digits, - and _');
  const port = Number(values.port ?? DEFAULT_PORTS[service]);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new UsageError('--port takes a number up to 65535');
  const common = { name, port, properties: Object.fromEntries((values.set ?? []).map(property)) };
  switch (service) {
    case 'kafka': {
      const brokers = values.brokers ?? '1';
      if (brokers !== '1' && brokers !== '3') throw new UsageError('--brokers takes 1 or 3');
      return { service, ...common, brokers: brokers === '1' ? 1 : 3 };
    }
    case 'connect':
      return { service, ...common, bootstrap: values.bootstrap ?? (await runningKafka()) };
    case 'cassandra':
      return { service, ...common, auth: values.auth ?? false, tls: values.tls ?? false };
    default:
      return { service, ...common };
  }
}

function property(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at <= 0) throw new UsageError(`--set takes key=value, not ${text}`);
  return [text.slice(0, at), text.slice(at + 1)];
}

async function runningKafka(): Promise<string> {
  const running = (await readStates()).filter((state) => state.service === 'kafka' && state.address && isAlive(state));
  if (running.length === 1) return running[0]!.address!;
  throw new Error(
    running.length === 0
      ? 'no Kafka is up: start one with up kafka, or name another with --bootstrap'
      : `several Kafkas are up (${running.map((state) => state.name).join(', ')}): choose one with --bootstrap`,
  );
}

async function up(order: SupervisorOrder): Promise<number> {
  const running = (await readStates()).find((state) => state.name === order.name && isAlive(state));
  if (running) throw new Error(`${order.name} is up already, on ${running.address ?? '(starting)'}`);
  if (order.service === 'influxdb') await builtInfluxdb(progress);
  const availability = await available(order.service);
  if (!availability.ok) throw new Error(availability.reason);
  const ready = await supervised(order);
  process.stdout.write(`${ready.address}\n`);
  return 0;
}

async function build(): Promise<number> {
  process.stdout.write(`${await builtInfluxdb(progress)}\n`);
  return 0;
}

function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Starts a supervisor and waits for its report. */
async function supervised(order: SupervisorOrder): Promise<ServiceState> {
  const script = join(import.meta.dirname, 'supervisor.ts');
  const output = join(stateFolder(), `${order.name}.log`);
  await mkdir(stateFolder(), { recursive: true });
  const log = openSync(output, 'w');
  const child = spawn(process.execPath, [...process.execArgv, script, JSON.stringify(order)], {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`${order.name} could not be started: ${output} tells why`)));
    child.once('message', (report: SupervisorReport) => {
      child.unref();
      if ('ready' in report) resolve(report.ready);
      else reject(new Error(report.failed));
    });
  });
}

async function down(names: readonly string[]): Promise<number> {
  const states = await readStates();
  const unknown = names.filter((name) => !states.some((state) => state.name === name));
  if (unknown.length > 0) throw new Error(`not up: ${unknown.join(', ')}`);
  const chosen = states.filter((state) => names.length === 0 || names.includes(state.name));
  // Workers before the brokers that they need to shut down in order.
  const inOrder = chosen.toSorted((a, b) => Number(a.service === 'kafka') - Number(b.service === 'kafka'));
  for (const state of inOrder) process.stdout.write(`${state.name} ${await stop(state)}\n`);
  if (inOrder.length === 0) process.stdout.write('nothing is up\n');
  return 0;
}

async function stop(state: ServiceState): Promise<string> {
  const wasAlive = isAlive(state);
  const deadline = Date.now() + DOWN_TIMEOUT_MS;
  if (wasAlive) process.kill(state.pid, 'SIGTERM');
  while (isAlive(state) && Date.now() < deadline) await sleep(POLL_MS);
  // The server is tied to its supervisor and ends with it.
  if (isAlive(state)) process.kill(state.pid, 'SIGKILL');
  await removeState(state.name);
  return wasAlive ? 'stopped' : 'had ended already';
}

async function status(): Promise<number> {
  const states = await readStates();
  if (states.length === 0) process.stdout.write('nothing is up\n');
  for (const state of states) {
    const condition = isAlive(state) ? (state.address ? 'up' : 'starting') : 'ended';
    const columns = [state.name.padEnd(12), condition.padEnd(8), `pid ${state.pid}`, state.address, state.logFile];
    process.stdout.write(`${columns.filter((column) => column !== undefined).join('  ')}\n`);
  }
  return 0;
}
