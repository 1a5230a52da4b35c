import type { Logger, Props, RunningRestExtension } from '@tributary/api';
import type { FastifyInstance } from 'fastify';
import type { ConfigProviders } from '../config/config-providers.ts';
import type { Herder } from '../herder/herder.ts';
import type { LeaderWork } from '../herder/peers.ts';
import type { Loggers } from '../logging/loggers.ts';
import type { PluginRegistry } from '../plugins/registry.ts';
import type { SessionKey } from '../store/session-key.ts';
import type { Masking } from './masking.ts';
import type { WorkerClient } from './worker-client.ts';

/** What the routes work with. */
export interface RestContext {
  readonly herder: Herder;
  readonly registry: PluginRegistry;
  /** The worker's config as text, with the defaults of its converters. */
  readonly workerProps: Props;
  /** Look up the references of a config. */
  readonly providers: ConfigProviders;
  readonly masking: Masking;
  /** Takes secrets out of error messages. */
  readonly redact: (text: string) => string;
  readonly clusterId: () => string | null;
  /** `http://host:port`, for Location headers. */
  readonly advertisedUrl: () => string;
  /** Why the worker does not take requests yet, or null once it does. */
  readonly startingUp: () => string | null;
  /** Reaches the other workers. */
  readonly client: WorkerClient;
  /** What is done for the other workers; null: there cannot be any. */
  readonly internal: InternalRequests | null;
  /** The metrics in the Prometheus text format. */
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  readonly log: Logger;
  readonly loggers: Loggers;
  /** Plugins that see every request first. */
  readonly extensions: readonly RunningRestExtension[];
}

/** A resource of the API: a fastify plugin that is given the context. */
export type Routes = (app: FastifyInstance, context: RestContext) => void;

/** How requests of other workers of the group are answered. */
export interface InternalRequests {
  readonly leader: LeaderWork;
  /** Whether they have to be signed: not while the group speaks the protocol `compatible`, as in Java. */
  readonly signed: () => boolean;
  /** The key of the group; null: it is not known yet. */
  readonly sessionKey: () => SessionKey | null;
  /** Those that they may be signed with (`inter.worker.verification.algorithms`). */
  readonly verificationAlgorithms: readonly string[];
}
