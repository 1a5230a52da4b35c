import { DataError } from '@tributary/api';

const PLAIN = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** What Avro's Java library takes for a name: letters and digits of any script. */
const VALID = /^[\p{L}_][\p{L}\p{Nd}_]*$/u;

export const isValidName = (name: string): boolean => VALID.test(name);

/** @throws DataError for what is no name in Avro */
export function checkName(name: string, what: string): string {
  if (isValidName(name)) return name;
  throw new DataError(
    `${what} '${name}' is not a valid name in Avro, which takes letters, digits and underscores, no digit first. ` +
      'Set scrub.invalid.names=true, or rename it with a transform.',
  );
}

/** How `java.net.URLEncoder` spells a name, with whatever is no letter, digit or underscore then made an underscore. */
export function scrubName(name: string): string {
  if (name === '' || PLAIN.test(name)) return name;
  const encoded = encodeURIComponent(name.toWellFormed().replaceAll('\ufffd', '?')).replace(/[!'()~]|%20/g, (found) =>
    found === '%20' ? '+' : `%${found.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return (/^\d/.test(encoded) ? `x${encoded}` : encoded).replace(/[^A-Za-z0-9_]/g, '_');
}

/** Splits at the dots as Java does: empty parts at the end are dropped. */
export function splitFullName(fullName: string, scrub: boolean): { namespace: string | null; name: string } {
  const parts = fullName.split('.');
  while (parts.length > 1 && parts.at(-1) === '') parts.pop();
  const scrubbed = scrub ? parts.map(scrubName) : parts;
  return { namespace: scrubbed.length > 1 ? scrubbed.slice(0, -1).join('.') : null, name: scrubbed.at(-1)! };
}

/** A name and its namespace as one; scrubbed if asked. */
export function scrubFullName(fullName: string, scrub: boolean): string {
  const { namespace, name } = splitFullName(fullName, scrub);
  return namespace === null ? name : `${namespace}.${name}`;
}
