import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { jdkTool, SHORT_LIVED_ARGS } from './java.ts';

const run = promisify(execFile);

const PASSWORD = 'store-secret';
const VALID_DAYS = '30';

/** A certificate authority made for one server, and what it has signed; PKCS#12 stores, all of one password. */
export interface KeyStores {
  /** The authority's certificate, PEM: what clients trust. */
  readonly ca: string;
  /** The server's key and certificate, for `localhost` and `127.0.0.1`. */
  readonly serverStore: string;
  /** A client's key and certificate. */
  readonly clientStore: string;
  /** The authority's certificate once more, as Java reads it. */
  readonly trustStore: string;
  readonly password: string;
}

/** Makes them in `folder` with the JDK's keytool. */
export async function makeKeyStores(folder: string): Promise<KeyStores> {
  const file = (name: string) => join(folder, name);
  const [all, ca] = [file('all.p12'), file('ca.pem')];
  const [serverStore, clientStore, trustStore] = [file('server.p12'), file('client.p12'), file('trust.p12')];
  const make = (alias: string, ...more: string[]) => {
    const key = [
      '-keyalg',
      'EC',
      '-groupname',
      'secp256r1',
      '-validity',
      VALID_DAYS,
      '-dname',
      `CN=tributary ${alias}`,
    ];
    return keytool(all, '-genkeypair', '-alias', alias, ...key, ...more);
  };
  await make('authority', '-ext', 'bc:c');
  await make('server', '-signer', 'authority', '-ext', 'san=dns:localhost,ip:127.0.0.1');
  await make('client', '-signer', 'authority');
  const copy = (alias: string, into: string) =>
    keytool(into, '-importkeystore', '-srckeystore', all, '-srcstorepass', PASSWORD, '-srcalias', alias);
  await keytool(all, '-exportcert', '-alias', 'authority', '-rfc', '-file', ca);
  await Promise.all([
    copy('server', serverStore),
    copy('client', clientStore),
    keytool(trustStore, '-importcert', '-noprompt', '-alias', 'authority', '-file', ca),
  ]);
  return { ca, serverStore, clientStore, trustStore, password: PASSWORD };
}

async function keytool(store: string, command: string, ...args: string[]): Promise<void> {
  const jvm = SHORT_LIVED_ARGS.map((arg) => `-J${arg}`);
  const which =
    command === '-importkeystore'
      ? ['-destkeystore', store, '-deststorepass', PASSWORD, '-deststoretype', 'PKCS12']
      : ['-keystore', store, '-storepass', PASSWORD, '-storetype', 'PKCS12'];
  try {
    await run(jdkTool('keytool'), [...jvm, command, ...which, ...args]);
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`keytool ${command} failed: ${stdout ?? ''}${stderr ?? ''}`);
  }
}
