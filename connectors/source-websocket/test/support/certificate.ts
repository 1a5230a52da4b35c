import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Makes files of a key, and of a certificate for localhost that it signed itself. @throws Error where there is no openssl */
export async function selfSigned(dir: string): Promise<{ readonly key: string; readonly cert: string }> {
  const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  await run('openssl', ['req', '-x509', ...kind, '-keyout', key, '-out', cert, ...subject]);
  return { key, cert };
}

/** Why there are no certificates to test with, or false. */
export const skipWithoutOpenssl = (): Promise<string | false> =>
  run('openssl', ['version']).then(
    () => false,
    () => 'there is no openssl to make certificates with',
  );
