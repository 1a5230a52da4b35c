import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Files of a key with a certificate for localhost and 127.0.0.1 that it signed itself. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  /** The same in a PKCS12 store. */
  readonly store: string;
}

export const STORE_PASSWORD = 'store-secret';

/** Makes one. `keyPassword` encrypts the key. @throws Error where there is no openssl */
export async function certificate(dir: string, name: string, keyPassword?: string): Promise<Certificate> {
  const [cert, key, store] = ['cert.pem', 'key.pem', 'p12'].map((end) => join(dir, `${name}.${end}`)) as [
    string,
    string,
    string,
  ];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  const secret = keyPassword === undefined ? ['-nodes'] : ['-passout', `pass:${keyPassword}`];
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  await run('openssl', ['req', '-x509', ...curve, ...secret, '-keyout', key, '-out', cert, '-days', '2', ...subject]);
  const given = keyPassword === undefined ? [] : ['-passin', `pass:${keyPassword}`];
  const into = ['-out', store, '-passout', `pass:${STORE_PASSWORD}`];
  await run('openssl', ['pkcs12', '-export', '-in', cert, '-inkey', key, ...given, ...into]);
  return { cert, key, store };
}

/** Why there are no certificates to test with, or false. */
export async function skipWithoutOpenssl(): Promise<string | false> {
  return run('openssl', ['version']).then(
    () => false,
    () => 'there is no openssl to make certificates with',
  );
}
