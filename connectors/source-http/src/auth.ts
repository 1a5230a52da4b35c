import { type Clock, ConnectError, isPlainObject } from '@tributary/api';
import { type HttpClient, HttpFault } from '@tributary/http-kit';
import type { HttpConfig } from './config.ts';

/** Says who asks. */
export interface Auth {
  headers(signal: AbortSignal): Promise<Readonly<Record<string, string>>>;
  /** The server did not believe it. @returns whether to try again */
  refused(): boolean;
}

const basic = (name: string, secret: string): string => `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`;

export function authOf(config: HttpConfig, http: HttpClient, clock: Clock): Auth {
  switch (config['auth.type']) {
    case 'oauth2':
      return new ClientCredentials(config, http, clock);
    case 'basic':
      return fixed({ authorization: basic(config['auth.username'] ?? '', config['auth.password']?.reveal() ?? '') });
    case 'header':
      return fixed({ [config['auth.header.name'].toLowerCase()]: config['auth.header.value']?.reveal() ?? '' });
    case 'none':
      return fixed({});
  }
}

const fixed = (headers: Readonly<Record<string, string>>): Auth => ({
  headers: async () => headers,
  refused: () => false,
});

/** A token is replaced so long before its end. Milliseconds. */
const EARLY = 30_000;
/** A token that does not say when it ends lasts so long. Milliseconds. */
const LASTS = 300_000;

/** OAuth 2.0 client credentials (RFC 6749, 4.4). */
class ClientCredentials implements Auth {
  readonly #config: HttpConfig;
  readonly #http: HttpClient;
  readonly #clock: Clock;
  #token: { readonly header: string; readonly until: number } | null = null;

  constructor(config: HttpConfig, http: HttpClient, clock: Clock) {
    this.#config = config;
    this.#http = http;
    this.#clock = clock;
  }

  async headers(signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
    if (!this.#token || this.#clock.now() >= this.#token.until) this.#token = await this.#fetch(signal);
    return { authorization: this.#token.header };
  }

  /** Where there was no token, it was the client that was refused. */
  refused(): boolean {
    const again = this.#token !== null;
    this.#token = null;
    return again;
  }

  async #fetch(signal: AbortSignal): Promise<{ header: string; until: number }> {
    const config = this.#config;
    const [id, secret] = [config['oauth2.client.id'] ?? '', config['oauth2.client.secret']?.reveal() ?? ''];
    const form = new URLSearchParams({ grant_type: 'client_credentials' });
    const scope = config['oauth2.scope'];
    if (scope !== null) form.set('scope', scope);
    const inBody = config['oauth2.client.authentication'] === 'body';
    if (inBody) {
      form.set('client_id', id);
      form.set('client_secret', secret);
    }
    const { text } = await this.#http.send(
      {
        method: 'POST',
        url: new URL(config['oauth2.token.url']!),
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          accept: 'application/json',
          // Both are encoded as in a form first (RFC 6749, 2.3.1).
          ...(!inBody && { authorization: basic(encodeURIComponent(id), encodeURIComponent(secret)) }),
        },
        body: form.toString(),
      },
      signal,
    );
    let answer: unknown;
    try {
      answer = JSON.parse(text);
    } catch (cause) {
      throw new HttpFault('The answer of oauth2.token.url is no JSON', { reason: 'malformed', cause });
    }
    const { access_token: token, expires_in: seconds } = (isPlainObject(answer) ? answer : {}) as Record<
      string,
      unknown
    >;
    if (typeof token !== 'string')
      throw new ConnectError("The answer of 'oauth2.token.url' has no access_token. Check the client's id and secret");
    const lasts = Number.isFinite(Number(seconds)) && Number(seconds) > 0 ? Number(seconds) * 1000 : LASTS;
    return { header: `Bearer ${token}`, until: this.#clock.now() + Math.max(lasts - EARLY, lasts / 2) };
  }
}
