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

/** A value that must not be shown, and what stands in its place. */
export type Secret = readonly [value: string, shown: string];

/** Makes a function that takes secrets out of texts. @param formsOf the ways in which a value may be written there */
export function redactor(
  secrets: Iterable<Secret>,
  formsOf: (value: string) => readonly string[] = forms,
): (text: string) => string {
  const shown = new Map<string, string>();
  for (const [value, instead] of secrets) {
    if (!COMMON.test(value)) for (const form of formsOf(value)) shown.set(form, instead);
  }
  if (shown.size === 0) return (text) => text;
  // Where one secret is the beginning of another, the longer one goes first.
  const all = [...shown.keys()].sort((a, b) => b.length - a.length).map(escaped);
  const pattern = new RegExp(all.join('|'), 'g');
  return (text) => text.replace(pattern, (found) => shown.get(found)!);
}

/** The secrets of everything that runs here, for texts that say more than they should: the last line of defence. */
export class SecretsInUse {
  /** For each owner those of now and of before, since a late error may still name what was replaced. */
  readonly #byOwner = new Map<string, readonly (readonly Secret[])[]>();
  readonly #onChange: (redact: (text: string) => string) => void;
  #redact: (text: string) => string = (text) => text;

  /** @param onChange is told how to take out the secrets that there are */
  constructor(onChange: (redact: (text: string) => string) => void = () => {}) {
    this.#onChange = onChange;
  }

  /** @param owner a connector, or '' for the worker */
  remember(owner: string, secrets: readonly Secret[]): void {
    const [now = [], before = []] = this.#byOwner.get(owner) ?? [];
    const known = new Set([...now, ...before].map(([value]) => value));
    if (secrets.every(([value]) => known.has(value))) return;
    this.#byOwner.set(owner, [secrets, now]);
    this.#changed();
  }

  forget(owner: string): void {
    if (this.#byOwner.delete(owner)) this.#changed();
  }

  #changed(): void {
    this.#redact = redactor([...this.#byOwner.values()].flat(2));
    this.#onChange(this.#redact);
  }

  redact(text: string): string {
    return this.#redact(text);
  }
}
