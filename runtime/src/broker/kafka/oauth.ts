/** Bearer tokens for SASL OAUTHBEARER: from a file, or from a server by the client credentials grant (RFC 6749, 4.4). */

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ConfigError, messageOf } from '@tributary/api';
import type { LoginModule } from '../../config/jaas.ts';
import { text } from '../../config/values.ts';

const ENDPOINT = 'sasl.oauthbearer.token.endpoint.url';
/** A token is renewed when so much of its life is over, as Java's clients do. */
const REFRESH_AT = 0.8;

/** @returns a function that gives a token that is valid now */
export function tokenProvider(configs: Readonly<Record<string, string>>, login: LoginModule): () => Promise<string> {
  const endpoint = text(configs, ENDPOINT);
  if (endpoint === undefined)
    throw new ConfigError(
      `Missing required configuration ${ENDPOINT}: where tokens come from, an https, http or file URL`,
    );
  if (!URL.canParse(endpoint))
    throw new ConfigError(`Invalid value ${endpoint} for configuration ${ENDPOINT}: must be a URL`);
  const url = new URL(endpoint);
  if (url.protocol === 'file:') return async () => (await readFile(fileURLToPath(url), 'utf8')).trim();
  const clientId = login.options.get('clientId');
  const clientSecret = login.options.get('clientSecret');
  if (clientId === undefined || clientSecret === undefined)
    throw new ConfigError(
      'Invalid value for configuration sasl.jaas.config (not shown): OAUTHBEARER needs clientId and clientSecret',
    );
  const scope = login.options.get('scope');
  let token = '';
  let validUntil = 0;
  return async () => {
    if (performance.now() < validUntil) return token;
    const answer = await request(url, clientId, clientSecret, scope);
    token = answer.token;
    validUntil = performance.now() + answer.lifetimeMs * REFRESH_AT;
    return token;
  };
}

async function request(url: URL, clientId: string, clientSecret: string, scope: string | undefined) {
  const credentials = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`);
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...(scope !== undefined && { scope }) });
  const where = `${url.origin}${url.pathname}`;
  let response: Response;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Basic ${credentials.toString('base64')}`, accept: 'application/json' },
      body,
      signal: AbortSignal.timeout(10_000),
    });
  } catch (error) {
    throw new Error(`No token from ${where}: ${messageOf(error)}`, { cause: error });
  }
  if (!response.ok) throw new Error(`No token from ${where}: HTTP status ${response.status}`);
  const answer = (await response.json()) as { access_token?: unknown; expires_in?: unknown };
  if (typeof answer.access_token !== 'string')
    throw new Error(`No token from ${where}: the answer has no access_token`);
  return { token: answer.access_token, lifetimeMs: Number(answer.expires_in ?? 0) * 1_000 };
}
