import type { Config, ConfigDef } from './config/keys.ts';
import type { Logger } from './context.ts';
import { type Definition, define, type PluginInfo } from './plugin.ts';

/** A request to the REST API as extensions see it: before its body is read. */
export interface RestRequest {
  /** In upper case. */
  readonly method: string;
  /** As it was sent, percent-encodings included, without the query. */
  readonly path: string;
  /** The query, without the question mark. */
  readonly query: string;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The address that it came from. */
  readonly remoteAddress: string;
}

/** An answer of an extension, in place of the API's. */
export interface RestAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text goes as it is, anything else as JSON. Default: no body. */
  readonly body?: unknown;
}

/** The health of a connector and its tasks. */
export interface ConnectorHealth {
  readonly name: string;
  readonly type: 'source' | 'sink' | 'unknown';
  readonly connector: { readonly state: string; readonly workerId: string; readonly trace?: string };
  readonly tasks: ReadonlyArray<{
    readonly id: number;
    readonly state: string;
    readonly workerId: string;
    readonly trace?: string;
  }>;
}

/** What an extension can find out about the cluster (Connect's ConnectClusterState). */
export interface ClusterState {
  readonly kafkaClusterId: string | null;
  /** The names of the connectors. */
  connectors(): readonly string[];
  /** @returns undefined if there is no such connector */
  connectorConfig(name: string): Readonly<Record<string, string>> | undefined;
  /** @returns undefined if there is no such connector, or nothing is known about it yet */
  connectorHealth(name: string): ConnectorHealth | undefined;
}

export interface RestExtensionContext {
  readonly cluster: ClusterState;
  readonly log: Logger;
}

/** A path that an extension adds to the API. */
export interface RestRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From the root, such as `/own/state`. */
  readonly path: string;
  /** @param body the JSON body, if the request has one */
  handle(request: RestRequest, body: unknown): RestAnswer | Promise<RestAnswer>;
}

/** A REST extension at work. */
export interface RunningRestExtension {
  /**
   * Looks at a request for a path that there is, before it is answered. Returns nothing to let it pass, or the answer to give instead.
   * If it throws, the request is answered with 500.
   */
  onRequest?(request: RestRequest): RestAnswer | undefined | Promise<RestAnswer | undefined>;
  readonly routes?: readonly RestRoute[];
  /** What it asks of requests, as a Security Scheme Object of OpenAPI, for `/openapi.json`. */
  readonly securityScheme?: Readonly<Record<string, unknown>>;
  /** When the worker stops. */
  close?(): void | Promise<void>;
}

export interface RestExtension<D extends ConfigDef = ConfigDef> extends PluginInfo<D> {
  /**
   * Called once, before the worker takes requests.
   * @param config out of the worker's config
   * @throws ConfigError to keep the worker from starting
   */
  register(config: Config<D>, context: RestExtensionContext): RunningRestExtension | Promise<RunningRestExtension>;
}

export type RestExtensionDefinition = Definition & { readonly kind: 'rest_extension' } & RestExtension;

/**
 * Defines a REST extension, which `rest.extension.classes` of a worker names: it may refuse requests, such as those without a password,
 * and add paths of its own.
 */
export function defineRestExtension<const D extends ConfigDef>(
  extension: RestExtension<D>,
): RestExtension<D> & Definition & { readonly kind: 'rest_extension' } {
  return define('rest_extension', extension);
}
