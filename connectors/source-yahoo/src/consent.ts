import type { HttpRequest, HttpResponse } from '@tributary/http-kit';
import type { CookieJar } from './cookies.ts';

/** What is said to Yahoo where it asks visitors from Europe whether it may use cookies. */
export type Consent = 'agree' | 'reject' | 'none';

export type Send = (request: HttpRequest) => Promise<HttpResponse>;

/** A page, and where it was at last. */
export interface Visit {
  readonly url: URL;
  readonly response: HttpResponse;
}

export interface VisitOptions {
  readonly send: Send;
  readonly jar: CookieJar;
  readonly consent: Consent;
}

/** The form, its answer, and both ways back and forth take seven. */
const HOPS = 15;

/** Whether there is another answer than that there is none now. */
const isAnswer = (status: number): boolean => status !== 429 && status < 500;

/**
 * Asks for a page as a browser does: with cookies, over redirects within the site, and past the question whether there may be cookies.
 * @throws HttpFault
 */
export async function visit(start: URL, { send, jar, consent }: VisitOptions): Promise<Visit> {
  let request: HttpRequest = { url: start };
  for (let hop = 1; ; hop++) {
    const { url } = request;
    const cookie = jar.headerFor(url);
    const response = await send({
      ...request,
      headers: { accept: 'text/html,*/*', ...(cookie !== '' && { cookie }), ...request.headers },
      accept: isAnswer,
    });
    jar.take(url, response.headers.getSetCookie());
    const next = nextOf(url, response) ?? (consent === 'none' ? null : answerTo(url, response.text, consent));
    if (!next || hop === HOPS) return { url, response };
    request = next;
  }
}

function nextOf(from: URL, { status, headers }: HttpResponse): HttpRequest | null {
  const location = headers.get('location');
  const url = location !== null && status >= 300 && status < 400 ? URL.parse(location, from.href) : null;
  return url && isSameSite(url, from) ? { url } : null;
}

/** Whether a URL is on the same server, or on one beside it, such as guce.yahoo.com beside fc.yahoo.com. */
export function isSameSite(url: URL, from: URL): boolean {
  if (url.protocol !== from.protocol && url.protocol !== 'https:') return false;
  const site = ({ hostname }: URL): string =>
    /^[\d.]+$|:/.test(hostname) ? hostname : hostname.split('.').slice(-2).join('.');
  return site(url) === site(from);
}

/** What pressing a button of the consent form sends; null if the page is another. */
function answerTo(url: URL, page: string, consent: 'agree' | 'reject'): HttpRequest | null {
  const form = [...page.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gis)].find(([, , inner]) =>
    /\bcsrfToken\b/.test(inner!),
  );
  if (!form) return null;
  const action = URL.parse(attributeOf(form[1]!, 'action') || url.href, url.href);
  if (!action || !isSameSite(action, url)) return null;
  const fields = new URLSearchParams();
  for (const [, attributes] of form[2]!.matchAll(/<input\b([^>]*)>/gi)) {
    const name = attributeOf(attributes!, 'name');
    if (name && attributeOf(attributes!, 'type').toLowerCase() === 'hidden')
      fields.append(name, attributeOf(attributes!, 'value'));
  }
  fields.append(consent, consent);
  return {
    method: 'POST',
    url: action,
    headers: { 'content-type': 'application/x-www-form-urlencoded', referer: url.href },
    body: fields.toString(),
  };
}

/** The value of an attribute; empty if there is none. */
function attributeOf(attributes: string, name: string): string {
  const found = new RegExp(`(?:^|\\s)${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+))`, 'i').exec(attributes);
  return unescaped(found?.[1] ?? found?.[2] ?? found?.[3] ?? '');
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const unescaped = (text: string): string =>
  text.replace(/&(?:#x([\da-f]{1,6})|#(\d{1,7})|(\w+));/gi, (whole, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return NAMED[name] ?? whole;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
