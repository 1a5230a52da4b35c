import type { Broker, BrokerOptions } from './port.ts';

const EMBEDDED = /^embedded:/;

/** Whether `bootstrap.servers` names the log in the worker itself. */
export function isEmbedded(bootstrapServers: string): boolean {
  return EMBEDDED.test(bootstrapServers.trim());
}

/** Opens the adapter that `bootstrap.servers` asks for; the other one is not even loaded. */
export async function openBroker(options: BrokerOptions): Promise<Broker> {
  if (isEmbedded(options.configs['bootstrap.servers'] ?? ''))
    return (await import('./embedded/index.ts')).openEmbedded(options);
  return (await import('./kafka/index.ts')).openKafka(options);
}
