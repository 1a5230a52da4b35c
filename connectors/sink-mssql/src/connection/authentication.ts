import type { ConnectionAuthentication } from 'tedious';
import type { SinkConfig } from '../config.ts';
import type { JdbcUrl } from './jdbc-url.ts';
import { KeyError } from './key-error.ts';

/** What of the config and the URL is about who logs in. */
interface Login {
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly domain: string | undefined;
  readonly tenantId: string | undefined;
  readonly clientId: string | undefined;
  readonly token: string | undefined;
}

/**
 * How to log in, in the terms of the driver: with a password, with NTLM, or with Entra ID as far as that goes without a browser and
 * without Kerberos.
 * @throws KeyError for what is missing, or cannot be had
 */
export function authentication(config: SinkConfig, url: JdbcUrl): ConnectionAuthentication {
  const get = (...names: readonly string[]): string | undefined =>
    names.map((name) => url.properties.get(name)).find((value) => value !== undefined && value !== '');
  const given = config['connection.user'] ?? get('user', 'username');
  const [, domain, user] = /^([^\\]+)\\(.+)$/.exec(given ?? '') ?? [];
  const login: Login = {
    user: user ?? given,
    password: config['connection.password']?.reveal() ?? get('password', 'aadsecureprincipalsecret'),
    domain: config['connection.domain'] ?? get('domain', 'domainname') ?? domain,
    tenantId: config['connection.tenant.id'] ?? get('tenantid'),
    clientId: config['connection.client.id'] ?? get('msiclientid', 'aadsecureprincipalid'),
    token: get('accesstoken'),
  };
  return loginBy(methodOf(config, get, login), login, config['connection.authentication'] !== null);
}

function methodOf(
  config: SinkConfig,
  get: (name: string) => string | undefined,
  { user, password, domain, token }: Login,
): string {
  const named = config['connection.authentication'] ?? get('authentication');
  if (named && named.toLowerCase() !== 'notspecified') return named.toLowerCase();
  if (domain !== undefined || get('authenticationscheme')?.toLowerCase() === 'ntlm') return 'ntlm';
  if (get('integratedsecurity')?.toLowerCase() === 'true') return 'integrated';
  if (token !== undefined || (user === undefined && password !== undefined)) return 'accesstoken';
  return 'sqlpassword';
}

function loginBy(method: string, login: Login, byKey: boolean): ConnectionAuthentication {
  const { user, password, tenantId, clientId } = login;
  const need = (value: string | undefined, key: string): string => {
    if (value !== undefined) return value;
    throw new KeyError(key, `${key} is needed to log in by ${method}`);
  };
  switch (method) {
    case 'sqlpassword':
      return {
        type: 'default',
        options: { userName: need(user, 'connection.user'), password: need(password, 'connection.password') },
      };
    case 'ntlm':
      return {
        type: 'ntlm',
        options: {
          userName: need(user, 'connection.user'),
          password: need(password, 'connection.password'),
          domain: need(login.domain, 'connection.domain'),
        },
      };
    case 'activedirectorypassword':
      return {
        type: 'azure-active-directory-password',
        options: {
          userName: need(user, 'connection.user'),
          password: need(password, 'connection.password'),
          clientId: need(clientId, 'connection.client.id'),
          tenantId: need(tenantId, 'connection.tenant.id'),
        },
      };
    case 'activedirectoryserviceprincipal':
      return {
        type: 'azure-active-directory-service-principal-secret',
        options: {
          clientId: need(clientId ?? user, 'connection.client.id'),
          clientSecret: need(password, 'connection.password'),
          tenantId: need(tenantId, 'connection.tenant.id'),
        },
      };
    case 'activedirectorymanagedidentity':
    case 'activedirectorymsi':
      return {
        type: 'azure-active-directory-msi-vm',
        options: { ...((clientId ?? user) && { clientId: clientId ?? user! }) },
      };
    case 'activedirectorydefault':
      return { type: 'azure-active-directory-default', options: { ...(clientId && { clientId }) } };
    case 'accesstoken':
      return {
        type: 'azure-active-directory-access-token',
        options: { token: need(login.token ?? password, 'connection.password') },
      };
    default:
      throw new KeyError(
        byKey ? 'connection.authentication' : 'connection.url',
        `Logging in by ${method} is not possible from here, as it needs Kerberos or a browser: take SqlPassword, NTLM (with connection.domain, connection.user and connection.password) or one of ActiveDirectoryServicePrincipal, ActiveDirectoryManagedIdentity, ActiveDirectoryPassword and ActiveDirectoryDefault`,
      );
  }
}
