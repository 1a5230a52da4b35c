/** Values that must not be shown, each with what stands in its place. */
export type Secrets = ReadonlyMap<string, string>;

/** Too short or too common to be looked for in texts: they would tear holes into what has nothing to do with them. */
const COMMON = /^(.{0,3}|\d{4,5}|true|false|null|none|localhost)$/is;

/** A value as it may stand in a text: as it is, inside of JSON, inside of a URL. */
function forms(value: string): readonly string[] {
  const inJson = JSON.stringify(value).slice(1, -1);
  return [...new Set([value, inJson, inUrl(value)])];
}

function inUrl(value: string): string {
  try {
    return encodeURIComponent(value);
  } catch {
    return value;
  }
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** Makes a function that takes secrets out of texts. */
export function redactor(secrets: Iterable<readonly [value: string, shown: string]>): (text: string) => string {
  const shown = new Map<string, string>();
  for (const [value, instead] of secrets) {
    if (!COMMON.test(value)) for (const form of forms(value)) shown.set(form, instead);
  }
  if (shown.size === 0) return (text) => text;
  // Where one secret is the beginning of another, the longer one goes first.
  const all = [...shown.keys()].sort((a, b) => b.length - a.length).map(escaped);
  const pattern = new RegExp(all.join('|'), 'g');
  return (text) => text.replace(pattern, (found) => shown.get(found)!);
}
