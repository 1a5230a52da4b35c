/** The HMAC algorithms by Java's names, for the session key that workers sign their requests with. */

export interface Hmac {
  /** What Java calls it. */
  readonly name: string;
  /** What Node's crypto calls the digest. */
  readonly digest: string;
  /** How long a key Java makes unless a size is configured, in bytes. */
  readonly keyBytes: number;
}

const HMACS: readonly Hmac[] = [
  { name: 'HmacMD5', digest: 'md5', keyBytes: 64 },
  { name: 'HmacSHA1', digest: 'sha1', keyBytes: 64 },
  { name: 'HmacSHA224', digest: 'sha224', keyBytes: 28 },
  { name: 'HmacSHA256', digest: 'sha256', keyBytes: 32 },
  { name: 'HmacSHA384', digest: 'sha384', keyBytes: 48 },
  { name: 'HmacSHA512', digest: 'sha512', keyBytes: 64 },
  { name: 'HmacSHA512/224', digest: 'sha512-224', keyBytes: 28 },
  { name: 'HmacSHA512/256', digest: 'sha512-256', keyBytes: 32 },
  { name: 'HmacSHA3-224', digest: 'sha3-224', keyBytes: 28 },
  { name: 'HmacSHA3-256', digest: 'sha3-256', keyBytes: 32 },
  { name: 'HmacSHA3-384', digest: 'sha3-384', keyBytes: 48 },
  { name: 'HmacSHA3-512', digest: 'sha3-512', keyBytes: 64 },
];

/** An algorithm by its name in any case, as Java looks them up; undefined if there is none. */
export function hmac(name: string): Hmac | undefined {
  return HMACS.find((known) => known.name.toLowerCase() === name.toLowerCase());
}

/** Why an algorithm cannot be had, or nothing. */
export const hmacProblem = (name: string): string | undefined =>
  hmac(name)
    ? undefined
    : `the algorithm is not supported; the supported algorithms are: ${HMACS.map((known) => known.name).join(', ')}`;
