import { HttpFault, type HttpResponse } from '@tributary/http-kit';

/** What Yahoo wants to see with quotes: a cookie, and a word that belongs to it. */
export interface Crumb {
  readonly cookie: string;
  /** Empty where the server has none, as servers have that stand in for Yahoo. */
  readonly crumb: string;
}

export type Get = (
  url: URL,
  headers: Readonly<Record<string, string>>,
  accept: (status: number) => boolean,
) => Promise<HttpResponse>;

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

/**
 * Asks for a cookie, then for the crumb that goes with it.
 * @throws HttpFault
 */
export async function fetchCrumb(cookieUrl: URL, baseUrl: string, get: Get): Promise<Crumb> {
  // Yahoo answers with 404, and with the cookie.
  const first = await get(cookieUrl, {}, (status) => status !== 429 && status < 500);
  const cookie = first.headers
    .getSetCookie()
    .map((one) => one.split(';', 1)[0]!)
    .join('; ');
  const answer = await get(
    new URL(`${baseUrl}/v1/test/getcrumb`),
    cookie === '' ? {} : { cookie },
    (status) => status === 404 || (status >= 200 && status < 300),
  );
  if (answer.status === 404) return { cookie, crumb: '' };
  const crumb = answer.text.trim();
  if (crumb === '' || crumb.length > LONGEST || crumb.includes('<'))
    throw new HttpFault("Yahoo's answer is no crumb; it may want a consent that only a browser can give", {
      reason: 'malformed',
    });
  return { cookie, crumb };
}
