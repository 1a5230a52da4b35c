import type { SecureContextOptions } from 'node:tls';
import { type ConfigKey, password, type Secret, string } from '@tributary/api';
import { Agent, type buildConnector, type Dispatcher, EnvHttpProxyAgent, ProxyAgent } from 'undici';

/** Through which proxy requests go. */
export interface ProxySettings {
  /** A URL, `env` for what HTTP_PROXY, HTTPS_PROXY and NO_PROXY say, or null for none. */
  readonly url: string | null;
  readonly username: string | null;
  readonly password: Secret | null;
}

const GROUP = 'Connection';

export interface ProxyKeys {
  readonly 'proxy.url': ConfigKey<string | null>;
  readonly 'proxy.username': ConfigKey<string | null>;
  readonly 'proxy.password': ConfigKey<Secret | null>;
}

/** The keys of {@link ProxySettings}. */
export const proxyKeys = (): ProxyKeys => ({
  'proxy.url': string({
    default: null,
    importance: 'low',
    group: GROUP,
    doc: "The proxy that requests go through, such as http://proxy:3128; 'env' for what the environment variables HTTP_PROXY, HTTPS_PROXY and NO_PROXY of the worker say. Default: none.",
    validate: (value) => proxyFault(value),
  }),
  'proxy.username': string({
    default: null,
    importance: 'low',
    group: GROUP,
    doc: 'Who asks the proxy (basic authentication).',
  }),
  'proxy.password': password({ default: null, importance: 'low', group: GROUP, doc: 'Their password.' }),
});

function proxyFault(value: string): string | undefined {
  if (value === 'env') return;
  const url = URL.parse(value);
  if (!url || !/^https?:$/.test(url.protocol)) return "Expected a URL such as http://proxy:3128, or 'env'";
  if (url.username || url.password) return "Names and passwords go into 'proxy.username' and 'proxy.password'";
  return;
}

/** A config with the keys of {@link proxyKeys}, parsed. */
export interface ProxyConfig {
  readonly 'proxy.url': string | null;
  readonly 'proxy.username': string | null;
  readonly 'proxy.password': Secret | null;
}

/** What a config says of the proxy. */
export const proxyOf = (config: ProxyConfig): ProxySettings => ({
  url: config['proxy.url'],
  username: config['proxy.username'],
  password: config['proxy.password'],
});

/** Reports keys that do not go together. */
export function checkProxy(config: ProxyConfig, report: (key: string, message: string) => void): void {
  const proxy = proxyOf(config);
  if (proxy.password && !proxy.username) report('proxy.password', "A password needs a name: set 'proxy.username'");
  if (proxy.username && (!proxy.url || proxy.url === 'env'))
    report('proxy.username', "A name needs the proxy that it is for: set 'proxy.url' to its URL");
}

/** What sends requests. It keeps connections: to be destroyed at the end. */
export function dispatcherOf(proxy: ProxySettings, tls: SecureContextOptions, timeoutMs: number): Dispatcher {
  const connect = { ...tls, timeout: timeoutMs } as buildConnector.BuildOptions;
  const options = { headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 30_000 };
  if (!proxy.url) return new Agent({ ...options, connect });
  if (proxy.url === 'env') return new EnvHttpProxyAgent({ ...options, connect, requestTls: connect });
  const credentials = `${proxy.username ?? ''}:${proxy.password?.reveal() ?? ''}`;
  return new ProxyAgent({
    ...options,
    uri: proxy.url,
    requestTls: connect,
    ...(proxy.username !== null && { token: `Basic ${Buffer.from(credentials).toString('base64')}` }),
  });
}
