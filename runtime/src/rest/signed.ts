import type { IncomingHttpHeaders } from 'node:http';
import { type Signature, sign } from '../herder/session-key.ts';
import type { SessionKey } from '../store/session-key.ts';

/** The headers that carry the signature of a request between workers, by Java's names. */
const SIGNATURE = 'x-connect-authorization';
const ALGORITHM = 'x-connect-request-signature-algorithm';

/** To be passed on with a request that is another worker's. */
export const SIGNATURE_HEADERS: readonly string[] = [SIGNATURE, ALGORITHM];

/** The signature that came with a request; undefined if one of the headers is missing. */
export function signatureOf(headers: IncomingHttpHeaders): Signature | undefined {
  const [signature, algorithm] = [headers[SIGNATURE], headers[ALGORITHM]];
  return signature === undefined || algorithm === undefined
    ? undefined
    : { signature: String(signature), algorithm: String(algorithm) };
}

/** The headers for a body. */
export function signatureHeaders(body: Uint8Array, key: SessionKey, algorithm: string): Record<string, string> {
  const signed = sign(body, key, algorithm);
  return { [SIGNATURE]: signed.signature, [ALGORITHM]: signed.algorithm };
}
