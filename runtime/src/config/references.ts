/** One `${provider:path:key}` or `${provider:key}` in a value. */
export interface Reference {
  /** As it stands in the value. */
  readonly text: string;
  readonly provider: string;
  /** Empty if there is none. */
  readonly path: string;
  readonly key: string;
}

/** Java's pattern (ConfigTransformer): the key is what follows the second colon, colons included. */
const PATTERN = /\$\{([^}]*?):(?:([^}]*?):)?([^}]*?)\}/g;

const referenceOf = ([text, provider, path, key]: readonly (string | undefined)[]): Reference => ({
  text: text!,
  provider: provider!,
  path: path ?? '',
  key: key!,
});

/** The references in a value, in order. */
export function referencesIn(value: string): readonly Reference[] {
  return value.includes('${') ? Array.from(value.matchAll(PATTERN), referenceOf) : [];
}

/** The value with each reference replaced; those without a replacement stay as they are. What is put in is not looked at again. */
export function replaceReferences(value: string, replacement: (reference: Reference) => string | undefined): string {
  return value.replace(PATTERN, (...match) => replacement(referenceOf(match)) ?? match[0]);
}
