import { isPlainObject } from '@tributary/api';
import type { RawAnswer } from '../support/http.ts';

/** An answer without what must differ between two workers. */
export interface Comparable {
  readonly status: number;
  /** With its parameters. Where Java leaves it out, of errors that come before a resource is found, it is taken for JSON's. */
  readonly type: string | null;
  readonly location: string | null;
  /** Parsed JSON; text otherwise; undefined if empty. */
  readonly body: unknown;
}

function sortedBy<T>(items: readonly T[], textOf: (item: T) => string): readonly T[] {
  return [...items].sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
}

/** Lists whose order means nothing: Java's is that of a HashMap. */
function inOrder(path: string, body: unknown): unknown {
  if (isPlainObject(body) && Array.isArray(body['offsets']))
    return { offsets: sortedBy(body['offsets'], (item) => JSON.stringify(item)) };
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

/** Plugins that only one of them has. */
const foreign = (value: unknown, ofBoth: ReadonlySet<string>): boolean => {
  const name = isPlainObject(value) ? value['class'] : value;
  return typeof name === 'string' && /^[\w.]+\.[A-Z][\w$]*$/.test(name) && !ofBoth.has(name);
};

/** A key that came with Kafka 4.2. */
const since42 = (value: unknown): boolean => isPlainObject(value) && value['name'] === 'schema.content';

/** Java's own words for a broken pattern, and the order of the sets that it shows. */
function plainError(text: string): string {
  return (
    text
      .replace(/(Invalid regex: .*?) near index .*$/s, '$1')
      // Java's classes that convert headers too are listed twice.
      .replace(/(available versions: \[)([^\]]*)/, (_all, before: string, versions: string) => {
        return before + [...new Set(versions.split(', '))].join(', ');
      })
      .replace(/(String must be one of \(case insensitive\): )(.*)$/, (_all, before: string, values: string) => {
        return before + values.toLowerCase().split(', ').sort().join(', ');
      })
  );
}

/** Definitions that Java takes from its clients, or keeps in a HashMap. */
function inConfigOrder(body: unknown): unknown {
  if (!isPlainObject(body) || !Array.isArray(body['configs'])) return body;
  const own = (info: { value: { name: string } }): string =>
    /^(key|value|header)\.converter\.(?!plugin\.version$)/.test(info.value.name) ? info.value.name : '';
  const configs = (body['configs'] as { definition: object; value: { name: string } }[])
    // Since 4.2.
    .filter((info) => !info.value.name.endsWith('.schema.content'))
    .map((info) => (/^\w+\.override\./.test(info.value.name) ? { ...info, definition: {} } : info))
    .sort((a, b) => (own(a) < own(b) ? -1 : own(a) > own(b) ? 1 : 0));
  return { ...body, configs, groups: [...(body['groups'] as string[])].sort() };
}

function strip(value: unknown, ofBoth: ReadonlySet<string>, key = ''): unknown {
  if (Array.isArray(value))
    return value.filter((item) => !foreign(item, ofBoth) && !since42(item)).map((item) => strip(item, ofBoth, key));
  if (typeof value === 'string') {
    if (key === 'documentation') return INFO;
    if (key === 'trace') return 'a trace';
    if (key === 'errors') return plainError(value);
    return key === 'message' ? withoutOtherPlugins(sortedMaps(value)) : value;
  }
  if (key === 'last_modified' && typeof value === 'number') return 'a time';
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, strip(item, ofBoth, name)]));
}

export interface Comparison {
  /** Texts that are one worker's own, and what stands for them. */
  readonly own: Readonly<Record<string, string>>;
  /** The classes of the plugins that both have. */
  readonly pluginsOfBoth: ReadonlySet<string>;
}

/** What of an answer is compared. */
export function comparable(answer: RawAnswer, path: string, { own, pluginsOfBoth }: Comparison): Comparable {
  const general = (text: string): string =>
    Object.entries(own).reduce((done, [mine, both]) => done.replaceAll(mine, both), text);
  const text = general(answer.text);
  let body: unknown = text === '' ? undefined : text;
  try {
    if (text !== '') body = inConfigOrder(strip(inOrder(path, JSON.parse(text)), pluginsOfBoth));
  } catch {
    // The methods in the answer to OPTIONS, whose order is that of a HashSet.
    if (/^[A-Z, ]+$/.test(text)) body = text.split(', ').sort();
  }
  const { 'content-type': type, location } = answer.headers;
  return {
    status: answer.status,
    type: type ?? (text !== '' && answer.status >= 400 ? 'application/json' : null),
    location: location === undefined ? null : general(location),
    body,
  };
}
