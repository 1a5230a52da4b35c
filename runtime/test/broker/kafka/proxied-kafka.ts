import { freePorts, type KafkaHandle, kafka } from '@tributary/services';
import { FaultProxy } from '../fault-proxy.ts';

export interface ProxiedKafka {
  readonly kafka: KafkaHandle;
  readonly proxy: FaultProxy;
  /** Through the proxy. */
  readonly bootstrap: string;
  stop(): Promise<void>;
}

/** A broker whose clients come through a proxy, also after they have read its metadata. */
export async function proxiedKafka(): Promise<ProxiedKafka> {
  const [port] = await freePorts(1);
  const proxy = await FaultProxy.start(port!);
  const server = await kafka({
    port: port!,
    jit: 'quick',
    properties: { 'advertised.listeners': `PLAINTEXT://127.0.0.1:${proxy.port}` },
  });
  return {
    kafka: server,
    proxy,
    bootstrap: `127.0.0.1:${proxy.port}`,
    stop: async () => {
      await proxy.stop();
      await server.stop();
    },
  };
}
