import { networkInterfaces } from 'node:os';
import { advertisedAddress, advertisedListener } from '../config/listeners.ts';
import type { WorkerConfig } from '../config/worker-config.ts';
import type { RestListener } from './listen.ts';

/** How others reach the worker, and what it is called after that. @throws ConfigError */
export function advertised(config: WorkerConfig, open: readonly RestListener[]): { url: string; workerId: string } {
  const told = advertisedListener(
    config,
    open.map(({ listener }) => listener),
  );
  const { port } = open.find(({ listener }) => listener === told)!;
  const workerId = advertisedAddress(config, told, port, machineAddress);
  return { url: `${told.tls ? 'https' : 'http'}://${workerId}`, workerId };
}

/** An address of this machine that others can reach. */
function machineAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? '127.0.0.1';
}
