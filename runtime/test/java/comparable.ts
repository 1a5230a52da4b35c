import { isPlainObject } from '@tributary/api';
import type { RawAnswer } from '../support/http.ts';

/** An answer without what must differ between two workers. */
export interface Comparable {
  readonly status: number;
  /** Without parameters; null where a body has none. */
  readonly type: string | null;
  readonly location: string | null;
  /** Parsed JSON; text otherwise; undefined if empty. */
  readonly body: unknown;
}

/** Lists whose order means nothing: Java's is that of a HashMap. */
function inOrder(path: string, body: unknown): unknown {
  return Array.isArray(body) && /^\/connectors\/?(\?.*)?$/.test(path) ? [...body].sort() : body;
}

const INFO = '{see docs}';

/** `{b=2, a=1}` in a message, whose order is that of Java's HashMap. */
function sortedMaps(text: string): string {
  return text.replace(/\{([^{}]*=[^{}]*)\}/g, (_all, inner: string) => `{${inner.split(', ').sort().join(', ')}}`);
}

/** Only the file connectors are plugins of both; where they are installed is each one's own. */
function withoutOtherPlugins(text: string): string {
  return text.replace(/(available connectors are: )(PluginDesc\{.*)$/, (_all, before: string, list: string) => {
    const ofBoth = list.split(/, (?=PluginDesc\{)/).filter((plugin) => plugin.includes('.file.FileStream'));
    return before + ofBoth.map((plugin) => plugin.replace(/location='[^']*'/, "location=''")).join(', ');
  });
}

function strip(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => strip(item));
  if (typeof value === 'string') {
    if (key === 'documentation') return INFO;
    if (key === 'trace') return 'a trace';
    return key === 'message' ? withoutOtherPlugins(sortedMaps(value)) : value;
  }
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, strip(item, name)]));
}

/**
 * What of an answer is compared.
 * @param own texts that are one worker's own, and what stands for them
 */
export function comparable(answer: RawAnswer, own: Readonly<Record<string, string>>, path: string): Comparable {
  const general = (text: string): string =>
    Object.entries(own).reduce((done, [mine, both]) => done.replaceAll(mine, both), text);
  const text = general(answer.text);
  let body: unknown = text === '' ? undefined : text;
  try {
    if (text !== '') body = strip(inOrder(path, JSON.parse(text)));
  } catch {
    // Plain text stays as it is.
  }
  const { 'content-type': type, location } = answer.headers;
  return {
    status: answer.status,
    type: text === '' ? null : (type?.split(';')[0] ?? null),
    location: location === undefined ? null : general(location),
    body,
  };
}
