interface Cookie {
  readonly name: string;
  readonly value: string;
  /** The host that it is for, and with `wide` those below it. */
  readonly domain: string;
  readonly wide: boolean;
}

/** Cookies by the host that they are for (RFC 6265), for as long as it takes to get a crumb: how long they last is passed over. */
export class CookieJar {
  readonly #cookies = new Map<string, Cookie>();

  /** @param headers the `Set-Cookie` headers of an answer from `url` */
  take(url: URL, headers: readonly string[]): void {
    for (const header of headers) {
      const [pair = '', ...attributes] = header.split(';').map((part) => part.trim());
      const at = pair.indexOf('=');
      if (at < 1) continue;
      const named = attributes.find((one) => /^domain=/i.test(one))?.slice(7);
      const domain = named?.replace(/^\./, '').toLowerCase();
      // A server that stands in for Yahoo, and repeats what Yahoo says, means itself.
      const wide = domain !== undefined && isWithin(url.hostname, domain);
      const cookie = { name: pair.slice(0, at), value: pair.slice(at + 1), domain: wide ? domain : url.hostname, wide };
      this.#cookies.set(`${cookie.name} ${cookie.domain}`, cookie);
    }
  }

  /** The header `Cookie` of a request; empty if there are none. */
  headerFor({ hostname }: URL): string {
    return [...this.#cookies.values()]
      .filter(({ domain, wide }) => (wide ? isWithin(hostname, domain) : hostname === domain))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  }
}

const isWithin = (host: string, domain: string): boolean => host === domain || host.endsWith(`.${domain}`);
