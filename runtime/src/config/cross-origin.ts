/** `access.control.allow.*`: which pages of other origins may use the API. */

export interface CrossOrigin {
  /** Whether a page of this origin may. */
  allows(origin: string): boolean;
  /** For `Access-Control-Allow-Methods`. */
  readonly methods: string;
}

const DEFAULT_METHODS = 'GET,POST,HEAD';
/** `https://*.example.com`, as Kafka 3 understood it. */
const SUBDOMAINS = /^([a-z][a-z0-9+.-]*:\/\/)\*\.([^*]+)$/i;
/** An origin as browsers send it. */
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/([a-z0-9.-]+|\[[0-9a-f:.]+\])(:\d+)?$/i;

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** One of the origins: `*`, an origin, one with `*.` for subdomains, or a pattern as Java's worker takes it since Kafka 4. */
function pattern(text: string): RegExp {
  if (text === '*') return /^/;
  const [, scheme, domain] = SUBDOMAINS.exec(text) ?? [];
  if (scheme !== undefined && domain !== undefined)
    return new RegExp(`^${escaped(scheme)}([^/.]+\\.)+${escaped(domain)}$`, 'i');
  return new RegExp(`^(?:${ORIGIN.test(text) ? escaped(text) : text})$`, 'i');
}

const listOf = (text: string): string[] => text.split(',').flatMap((item) => item.trim() || []);

/** For a config definition: what is wrong with `access.control.allow.origin`. */
export function originsProblem(text: string): string | undefined {
  const bad = listOf(text).find((item) => {
    try {
      pattern(item);
      return false;
    } catch {
      return true;
    }
  });
  return bad === undefined
    ? undefined
    : `'${bad}' is neither *, an origin such as https://example.com, nor a regular expression`;
}

/** @returns null if pages of other origins may not use the API */
export function crossOrigin(origins: string, methods: string): CrossOrigin | null {
  const patterns = listOf(origins).map(pattern);
  if (patterns.length === 0) return null;
  return {
    // There may be several, of a chain of redirects. Java is content with one of them.
    allows: (origin) => patterns.some((allowed) => origin.split(' ').every((one) => allowed.test(one))),
    methods: listOf(methods).join(',') || DEFAULT_METHODS,
  };
}
