/**
 * Holds one server that `up` started: a process of its own, apart from the terminal, that starts the server, tells `up` over
 * the IPC channel how that went, and stops the server at SIGTERM. Started by `cli.ts` only.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { cassandra } from './cassandra.ts';
import { connect } from './connect.ts';
import { influxdb } from './influxdb.ts';
import { kafka } from './kafka.ts';
import type { Properties } from './properties.ts';
import { questdb } from './questdb.ts';
import { schemaRegistry } from './schema-registry.ts';
import { processStart, removeState, type ServiceState, writeState } from './state.ts';

/** What `up` asks for. A port of 0 stands for a free one. */
export type SupervisorOrder = { readonly name: string; readonly port: number; readonly properties: Properties } & (
  | { readonly service: 'kafka'; readonly brokers: 1 | 3 }
  | { readonly service: 'connect'; readonly bootstrap: string }
  | { readonly service: 'schema-registry' | 'influxdb' | 'questdb' }
  | { readonly service: 'cassandra'; readonly auth: boolean; readonly tls: boolean }
);

/** What the supervisor answers. */
export type SupervisorReport = { readonly ready: ServiceState } | { readonly failed: string };

interface Server {
  readonly address: string;
  readonly logFile: string;
  isRunning(): boolean;
  stop(): Promise<void>;
}

const CHECK_MS = 500;

const order = JSON.parse(process.argv[2] ?? '') as SupervisorOrder;
const asked = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => asked.abort());
// When `up` is interrupted before the server is ready, nobody wants it any more.
process.once('disconnect', () => asked.abort());

process.exitCode = await supervise();

async function supervise(): Promise<number> {
  const state: ServiceState = {
    name: order.name,
    service: order.service,
    pid: process.pid,
    processStart: processStart(process.pid)!,
  };
  await writeState(state);
  let server: Server;
  try {
    server = await startServer();
  } catch (error) {
    await removeState(order.name);
    await report({ failed: error instanceof Error ? error.message : String(error) });
    return 1;
  }
  if (!asked.signal.aborted) {
    const ready: ServiceState = { ...state, address: server.address, logFile: server.logFile };
    await writeState(ready);
    process.removeAllListeners('disconnect');
    await report({ ready });
  }
  while (!asked.signal.aborted && server.isRunning()) {
    await sleep(CHECK_MS, undefined, { signal: asked.signal }).catch(() => undefined);
  }
  // A server that ended by itself stays recorded, so that `status` tells of it and of its log.
  if (!asked.signal.aborted) return 1;
  await server.stop();
  await removeState(order.name);
  return 0;
}

async function startServer(): Promise<Server> {
  const port = order.port === 0 ? {} : { port: order.port };
  if (order.service === 'kafka') {
    const started = await kafka({ brokers: order.brokers, properties: order.properties, ...port });
    return {
      address: started.bootstrap,
      logFile: started.logFile,
      isRunning: () => started.brokers.some((broker) => broker.running),
      stop: () => started.stop(),
    };
  }
  const started = await startSingle(order, port);
  return {
    address: 'url' in started ? started.url : started.address,
    logFile: started.logFile,
    isRunning: () => started.running,
    stop: () => started.stop(),
  };
}

function startSingle(order: Exclude<SupervisorOrder, { service: 'kafka' }>, port: { readonly port?: number }) {
  const { properties } = order;
  switch (order.service) {
    case 'connect':
      return connect({ bootstrap: order.bootstrap, workerProps: properties, ...port });
    case 'schema-registry':
      return schemaRegistry({ properties, ...port });
    case 'influxdb':
      return influxdb({ flags: properties, ...port });
    case 'questdb':
      return questdb({ properties, ...port });
    case 'cassandra':
      return cassandra({ auth: order.auth, tls: order.tls, settings: yamlValues(properties), ...port });
  }
}

/** Numbers, truth values and lists are written as in YAML, of which JSON is a part; anything else is text. */
function yamlValues(properties: Properties): Record<string, unknown> {
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, jsonOr(value)]));
}

function jsonOr(value: Properties[string]): unknown {
  try {
    return JSON.parse(String(value));
  } catch {
    return value;
  }
}

function report(message: SupervisorReport): Promise<void> {
  return new Promise((resolve) => {
    if (!process.connected) return resolve();
    process.send!(message, () => {
      if (process.connected) process.disconnect();
      resolve();
    });
  });
}
