import { ConfigError } from '@tributary/api';

/** What a JDBC URL of SQL Server says. */
export interface JdbcUrl {
  /** Null: not said, neither before the properties nor among them. */
  readonly host: string | null;
  readonly instance: string | null;
  readonly port: number | null;
  /** By their names in lower case, as JDBC compares them; the last of equal ones holds. */
  readonly properties: ReadonlyMap<string, string>;
}

const PREFIX = /^jdbc:(?:microsoft:)?sqlserver:\/\//i;
const JTDS = /^jdbc:jtds:sqlserver:\/\//i;
const SERVER = /^(\[[^\]]*\]|[^\\:/;]*)(?:\\([^:/;]+))?(?::(\d+))?(?:\/([^;]*))?$/;

/**
 * Reads `jdbc:sqlserver://host\instance:port;name=value;name={va;lue}`, and the form of the jTDS driver, which has the database behind a slash.
 * @throws ConfigError that shows no value of a property, as one may be a password
 */
export function parseJdbcUrl(url: string): JdbcUrl {
  const text = url.trim();
  const prefix = PREFIX.exec(text) ?? JTDS.exec(text);
  if (!prefix) {
    const kind = /^jdbc:[a-z0-9:]*/i.exec(text)?.[0];
    throw new ConfigError(
      kind
        ? `a URL of '${kind}' is not one of SQL Server, which is the only database that this sink writes to; write jdbc:sqlserver://host:1433;databaseName=...`
        : 'the URL cannot be read; write jdbc:sqlserver://host:1433;databaseName=...',
    );
  }
  const rest = text.slice(prefix[0].length);
  const end = rest.indexOf(';');
  const server = SERVER.exec(end < 0 ? rest : rest.slice(0, end));
  if (!server) throw new ConfigError('the server in the URL cannot be read; write host\\instance:port');
  const properties = parseProperties(end < 0 ? '' : rest.slice(end));
  const [, host, instance, port, database] = server;
  if (database) properties.set('databasename', decodeURIComponent(database));
  const get = (...names: readonly string[]): string | undefined =>
    names.map((name) => properties.get(name)).find((value) => value !== undefined && value !== '');
  const [named, namedInstance] = (get('servername', 'server') ?? '').split('\\') as [string, string?];
  return {
    host: (host || named).replace(/^\[(.*)\]$/, '$1') || null,
    instance: instance ?? namedInstance ?? get('instancename', 'instance') ?? null,
    port: portOf(port ?? get('portnumber', 'port')),
    properties,
  };
}

function portOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new ConfigError(`the port '${text}' in the URL is not a number from 1 to 65535`);
  return port;
}

const PROPERTY = /;\s*(?:([^=;{}]+?)\s*=\s*(?:\{((?:[^}]|\}\})*)\}\s*|([^{;][^;]*|)))?(?=;|$)/y;

function parseProperties(text: string): Map<string, string> {
  const properties = new Map<string, string>();
  for (let at = 0; at < text.length; at = PROPERTY.lastIndex) {
    PROPERTY.lastIndex = at;
    const match = PROPERTY.exec(text);
    if (!match)
      throw new ConfigError(
        `the URL cannot be read after its property '${[...properties.keys()].at(-1) ?? ''}'; write ;name=value, and values with a semicolon in braces`,
      );
    const [, name, braced, plain] = match;
    if (name !== undefined) properties.set(name.toLowerCase(), braced?.replaceAll('}}', '}') ?? plain!.trim());
  }
  return properties;
}
