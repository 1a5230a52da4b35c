import type { ConnectionOptions, SecureContextOptions } from 'node:tls';
import { ConfigError, type Props } from '@tributary/api';
import { hasOwnCertificate, identification, tlsMaterial } from '@tributary/api/tls';
import { oneOf } from './values.ts';
import { type WorkerConfig, withPrefix } from './worker-config.ts';

/** What a listener asks of its clients' certificates (`ssl.client.auth`). */
export type ClientAuth = 'none' | 'requested' | 'required';

export interface TlsSettings {
  readonly material: SecureContextOptions;
  readonly clientAuth: ClientAuth;
}

export interface Listener {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** Null: plain HTTP. */
  readonly tls: TlsSettings | null;
  /** The key that names it, for messages. */
  readonly key: 'listeners' | 'admin.listeners';
}

export interface RestListenersConfig {
  readonly regular: readonly Listener[];
  /** Where the admin resources are: at listeners of their own (none: nowhere), or at the regular ones. */
  readonly admin: readonly Listener[] | 'with the others';
}

const CLIENT_AUTH: readonly ClientAuth[] = ['none', 'requested', 'required'];
const LISTENER = /^(https?):\/\/(?:\[([0-9a-z:.%]+)\]|([0-9a-z_.%-]*)):(\d{1,5})\/?$/i;
/** Every interface, of either family. */
const EVERYWHERE = /^(0\.0\.0\.0|::|)$/;

/** Where the REST API listens. @throws ConfigError that names the key, the value and the remedy */
export function restListeners(config: WorkerConfig, props: Props): RestListenersConfig {
  const adminKeys = config['admin.listeners'];
  return {
    regular: config.listeners.map((text) => listener(text, 'listeners', props)),
    admin: adminKeys === null ? 'with the others' : adminKeys.map((text) => listener(text, 'admin.listeners', props)),
  };
}

function listener(text: string, key: Listener['key'], props: Props): Listener {
  const match = LISTENER.exec(text);
  if (!match || Number(match[4]) > 65535)
    throw new ConfigError(
      `Invalid value ${text} for configuration ${key}: write http://host:port or https://host:port, such as http://127.0.0.1:8083`,
    );
  const host = match[2] ?? (match[3] || '0.0.0.0');
  return { host, port: Number(match[4]), tls: /^https/i.test(text) ? tlsSettings(text, key, props) : null, key };
}

/** The keys with the listener's prefix; if there is none of them, those without (as in Java: all or nothing). */
function httpsConfigs(key: Listener['key'], props: Props): { readonly configs: Props; readonly named: string } {
  const prefix = `${key}.https.`;
  const own = withPrefix(props, prefix);
  return Object.keys(own).length > 0 ? { configs: own, named: prefix } : { configs: props, named: '' };
}

function tlsSettings(text: string, key: Listener['key'], props: Props): TlsSettings {
  const { configs, named } = httpsConfigs(key, props);
  if (!hasOwnCertificate(configs)) {
    const prefix = `${key}.https.`;
    throw new ConfigError(
      `Invalid value ${text} for configuration ${key}: https needs a certificate. Set ${prefix}ssl.keystore.location and ${prefix}ssl.keystore.type=PEM or PKCS12 (or ${prefix}ssl.keystore.certificate.chain and ${prefix}ssl.keystore.key)`,
    );
  }
  // Of requests to other workers, which go by the same keys; here so that a mistake is seen at the start.
  identification(configs, named);
  const clientAuth = oneOf(configs, 'ssl.client.auth', CLIENT_AUTH, named) ?? 'none';
  return { material: tlsMaterial(configs, named), clientAuth };
}

/** How the worker reaches others over https: with the keys of its own listeners, as in Java. @throws ConfigError */
export function peerTls(props: Props): ConnectionOptions {
  const { configs, named } = httpsConfigs('listeners', props);
  return { ...tlsMaterial(configs, named), ...identification(configs, named) };
}

/** The listener that others are told to use: the first for http, unless another protocol is configured or there is none. */
export function advertisedListener(config: WorkerConfig, listeners: readonly Listener[]): Listener {
  const protocol = config['rest.advertised.listener']?.toLowerCase();
  if (protocol === undefined) return listeners.find(({ tls }) => tls === null) ?? listeners[0]!;
  const found = listeners.find(({ tls }) => (tls ? 'https' : 'http') === protocol);
  if (found) return found;
  throw new ConfigError(
    `Invalid value ${config['rest.advertised.listener']} for configuration rest.advertised.listener: listeners has none of this protocol; add ${protocol}://host:port there`,
  );
}

/**
 * `host:port` by which others reach the worker.
 * @param port the port that the listener has got
 * @param ownAddress of this machine, for listeners on every interface
 */
export function advertisedAddress(
  config: WorkerConfig,
  { host }: Listener,
  port: number,
  ownAddress: () => string,
): string {
  const named = config['rest.advertised.host.name'] || (EVERYWHERE.test(host) ? ownAddress() : host);
  return `${named.includes(':') ? `[${named}]` : named}:${config['rest.advertised.port'] ?? port}`;
}
