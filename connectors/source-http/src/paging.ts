import { ConnectError } from '@tributary/api';
import type { HttpConfig } from './config.ts';
import { isPrimitive, valueAt } from './fields.ts';
import { hasPage } from './template.ts';

/** What says whether there are more pages. */
export interface PageAnswer {
  readonly body: unknown;
  /** The header `Link`. */
  readonly link: string | null;
  /** The records of the page, those that were read before included. */
  readonly count: number;
  /** What was asked. */
  readonly url: URL;
}

/** The page that a round begins with: null if it is not named. */
export function firstPage(config: HttpConfig): string | null {
  if (config['paging.type'] === 'page') return String(config['paging.first']);
  return config['paging.type'] === 'offset' ? '0' : null;
}

/** Puts the page and its size into the URL. */
export function toPage(config: HttpConfig, url: URL, page: string | null): URL {
  const type = config['paging.type'];
  if (page !== null && (type === 'link' || type === 'url')) return new URL(page);
  const [size, sizeParameter] = [config['paging.size'], config['paging.size.parameter']];
  if (size !== null && sizeParameter !== null) url.searchParams.set(sizeParameter, String(size));
  const named = hasPage(config['http.url']) || hasPage(config['http.body'] ?? '');
  const parameter = config['paging.parameter'] ?? (named || type === 'none' ? null : type);
  if (page !== null && parameter !== null) url.searchParams.set(parameter, page);
  return url;
}

/**
 * The page that follows; null if it was the last.
 * @throws ConnectError if the next one is on another server, which must not see this one's keys
 */
export function nextPage(config: HttpConfig, page: string | null, answer: PageAnswer): string | null {
  const { body, count, link, url } = answer;
  const size = config['paging.size'];
  switch (config['paging.type']) {
    case 'none':
      return null;
    case 'page':
      return count === 0 || count < (size ?? 0) ? null : String(Number(page) + 1);
    case 'offset':
      return count === 0 || count < (size ?? 0) ? null : String(Number(page) + count);
    case 'cursor': {
      const cursor = valueAt(body, config['paging.path'] ?? '');
      return isPrimitive(cursor) && cursor !== false && String(cursor) !== '' ? String(cursor) : null;
    }
    case 'url': {
      const next = valueAt(body, config['paging.path'] ?? '');
      return typeof next === 'string' && next !== '' ? follow(next, url) : null;
    }
    case 'link': {
      const next = linkTo('next', link ?? '');
      return next === null ? null : follow(next, url);
    }
  }
}

function follow(next: string, from: URL): string {
  const url = URL.parse(next, from.href);
  if (!url) throw new ConnectError(`The URL of the next page is none: '${next}'`);
  if (url.origin !== from.origin)
    throw new ConnectError(
      `The next page is on another server, ${url.origin} and not ${from.origin}: it is not asked, since it must not see the keys`,
    );
  return url.href;
}

/** The target of a relation in a `Link` header (RFC 8288). */
export function linkTo(relation: string, header: string): string | null {
  for (const [, target, parameters] of header.matchAll(/<([^>]*)>((?:\s*;\s*[^;,="]+(?:=(?:"[^"]*"|[^;,"]*))?)*)/g)) {
    const rel = /;\s*rel\s*=\s*(?:"([^"]*)"|([^;,\s]*))/i.exec(parameters!);
    if ((rel?.[1] ?? rel?.[2] ?? '').toLowerCase().split(/\s+/).includes(relation)) return target!;
  }
  return null;
}
