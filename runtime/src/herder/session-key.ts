import { createHmac, createSecretKey, randomBytes, timingSafeEqual } from 'node:crypto';
import type { SessionKeySettings } from '../config/distributed-config.ts';
import { hmac } from '../config/hmac.ts';
import type { SessionKey } from '../store/session-key.ts';
import { BadRequestError, ForbiddenError, UnavailableError } from './errors.ts';

/** Makes a new key. @param now in milliseconds since the epoch */
export function generateSessionKey({ algorithm, bytes }: SessionKeySettings, now: number): SessionKey {
  return { key: createSecretKey(randomBytes(bytes)), algorithm, createdAt: now };
}

/**
 * When the leader has to replace a key, in milliseconds since the epoch: at once (0) if there is none or another kind is configured,
 * Infinity if never. Until a new one is read from the config topic the old one holds, however old it is, as in Java.
 */
export function rotationTime(current: SessionKey | null, settings: SessionKeySettings): number {
  if (!current || current.algorithm !== settings.algorithm) return 0;
  if (current.key.symmetricKeySize !== settings.bytes) return 0;
  return settings.ttlMs === null ? Number.POSITIVE_INFINITY : current.createdAt + settings.ttlMs;
}

/** Whether the leader has to replace a key now. */
export function mustRotate(current: SessionKey | null, settings: SessionKeySettings, now: number): boolean {
  return rotationTime(current, settings) <= now;
}

/** What goes with a request of one worker to another. */
export interface Signature {
  /** In Base64. */
  readonly signature: string;
  /** Java's name of the algorithm. */
  readonly algorithm: string;
}

/** Signs the body of a request. */
export function sign(body: Uint8Array, { key }: SessionKey, algorithm: string): Signature {
  return { signature: digest(body, key, algorithm).toString('base64'), algorithm };
}

/**
 * Makes sure that a request comes from a worker of this group, with Java's answers.
 * @param given what came with it; undefined if anything is missing
 * @param current the key of the group; null: it is not known yet
 * @throws BadRequestError, UnavailableError, ForbiddenError
 */
export function assertSigned(
  body: Uint8Array,
  given: Signature | undefined,
  current: SessionKey | null,
  permitted: readonly string[],
): void {
  if (!given) throw new BadRequestError('Internal request missing required signature');
  const { signature, algorithm } = given;
  if (!permitted.includes(algorithm))
    throw new BadRequestError(
      `This worker does not support the '${algorithm.slice(0, 100)}' key signing algorithm used by other workers. This worker is currently configured to use: [${permitted.join(', ')}]. Check that all workers' configuration files permit the same set of signature algorithms, and correct any misconfigured worker and restart it.`,
    );
  if (!current)
    throw new UnavailableError(
      'This worker is still starting up and has not been able to read a session key from the config topic yet',
    );
  const expected = digest(body, current.key, algorithm);
  const actual = Buffer.from(signature, 'base64');
  if (actual.length !== expected.length || !timingSafeEqual(actual, expected))
    throw new ForbiddenError('Internal request contained invalid signature.');
}

function digest(body: Uint8Array, key: SessionKey['key'], algorithm: string): Buffer {
  return createHmac(hmac(algorithm)!.digest, key).update(body).digest();
}
