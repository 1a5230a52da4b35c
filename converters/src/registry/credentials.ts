import { ConfigError } from '@tributary/api';
import { addressProblem, type ClientConfig } from './config.ts';

/** One registry: where it is, as messages may show it, and the header that opens it. */
export interface Endpoint {
  /** Without credentials, without a slash at the end. */
  readonly url: string;
  readonly authorization: string | undefined;
}

const basic = (userInfo: string): string => `Basic ${Buffer.from(userInfo).toString('base64')}`;

/** @throws ConfigError where credentials are said to be somewhere and are not */
export function endpoints(config: ClientConfig): readonly Endpoint[] {
  return config['schema.registry.url'].map((text) => {
    const problem = addressProblem(text);
    if (problem) throw new ConfigError(`Invalid value for configuration schema.registry.url (not shown): ${problem}`);
    const url = new URL(text);
    const own =
      url.username === '' ? undefined : `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    url.username = '';
    url.password = '';
    url.search = '';
    url.hash = '';
    return { url: url.href.replace(/\/+$/, ''), authorization: authorization(config, own) };
  });
}

function authorization(config: ClientConfig, fromUrl: string | undefined): string | undefined {
  const token = config['bearer.auth.token'].reveal();
  if (token !== '') return `Bearer ${token}`;
  if (config['basic.auth.credentials.source'] === 'URL') return fromUrl === undefined ? undefined : basic(fromUrl);
  const userInfo = config['basic.auth.user.info'].reveal() || config['schema.registry.basic.auth.user.info'].reveal();
  if (userInfo === '')
    throw new ConfigError(
      'basic.auth.credentials.source is USER_INFO, but basic.auth.user.info is missing: set it to name:password',
    );
  return basic(userInfo);
}
