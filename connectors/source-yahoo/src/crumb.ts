import { HttpFault } from '@tributary/http-kit';
import { type Consent, type Send, visit } from './consent.ts';
import { CookieJar } from './cookies.ts';

/** What Yahoo wants to see with quotes: a cookie, and a word that belongs to it. */
export interface Crumb {
  readonly cookie: string;
  /** Empty where the server has none, as servers have that stand in for Yahoo. */
  readonly crumb: string;
}

/** Keeps the crumb for the tasks of a connector; fetched once, however many wait for it. */
export class CrumbKeeper {
  #crumb: Crumb | null = null;
  #fetching: Promise<Crumb> | null = null;

  /** @throws HttpFault; or what `get` throws, which may have been another task's */
  get(fetch: () => Promise<Crumb>): Promise<Crumb> {
    if (this.#crumb) return Promise.resolve(this.#crumb);
    this.#fetching ??= fetch()
      .then((crumb) => {
        this.#crumb = crumb;
        return crumb;
      })
      .finally(() => {
        this.#fetching = null;
      });
    return this.#fetching;
  }

  /** It was refused: the next one who asks gets a new one, unless somebody has got one since. */
  refused(crumb: Crumb): void {
    if (this.#crumb === crumb) this.#crumb = null;
  }
}

const LONGEST = 64;
/** Where Yahoo asks for consent if it is asked to. */
const GUCE = new URL('https://guce.yahoo.com/consent');

export interface CrumbOptions {
  /** Where cookies come from. */
  readonly cookieUrl: URL;
  /** Where the crumb comes from. Without a slash at its end. */
  readonly baseUrl: string;
  readonly consent: Consent;
  readonly send: Send;
}

/**
 * Asks for cookies, then for the crumb that goes with them.
 * @throws HttpFault
 */
export async function fetchCrumb({ cookieUrl, baseUrl, consent, send }: CrumbOptions): Promise<Crumb> {
  const jar = new CookieJar();
  const crumbUrl = new URL(`${baseUrl}/v1/test/getcrumb`);
  // Those of fc.yahoo.com do in most places; where they do not, those do that come with consent.
  const places = consent !== 'none' && cookieUrl.hostname.endsWith('.yahoo.com') ? [cookieUrl, GUCE] : [cookieUrl];
  for (const place of places) {
    try {
      // Yahoo answers with 404, and with the cookie.
      await visit(place, { send, jar, consent });
    } catch (error) {
      // Lists of advertisers have fc.yahoo.com, so there are networks in which it has no address.
      if (!(error instanceof HttpFault) || error.reason !== 'network' || place === places.at(-1)) throw error;
      continue;
    }
    let { url, response } = await visit(crumbUrl, { send, jar, consent });
    // Consent leads somewhere else.
    if (url.href !== crumbUrl.href) ({ url, response } = await visit(crumbUrl, { send, jar, consent }));
    const cookie = jar.headerFor(crumbUrl);
    if (response.status === 404) return { cookie, crumb: '' };
    const crumb = response.text.trim();
    if (response.status < 300 && isCrumb(crumb)) return { cookie, crumb };
  }
  throw new HttpFault(
    consent === 'none'
      ? "Yahoo gives no crumb: it may want the consent that visitors from Europe are asked for, see 'yahoo.consent'"
      : 'Yahoo gives no crumb, with its cookies and with consent',
    { reason: 'malformed' },
  );
}

/** It is a word, and no page and no sentence. */
const isCrumb = (text: string): boolean => text !== '' && text.length <= LONGEST && !/[\s<]/.test(text);
