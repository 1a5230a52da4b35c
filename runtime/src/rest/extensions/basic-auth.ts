import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ConfigError, defineRestExtension, messageOf, type RestAnswer, type RestRequest, string } from '@tributary/api';
import { parseJaasFile } from '../../config/jaas.ts';
import { parseProperties } from '../../config/properties.ts';
import { CONNECT_VERSION } from '../../version.ts';

/** The entry of the JAAS file that Java's worker looks for. */
const ENTRY = 'KafkaConnect';
const LOGIN_MODULE = 'org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule';
/** How Java's worker is told of the JAAS file. */
const JAAS_OPTION = /(?:^|\s)-Djava\.security\.auth\.login\.config=(?:"([^"]*)"|(\S+))/;

/** Requests of workers to each other: they are signed. */
const INTERNAL: readonly (readonly [method: string, path: RegExp])[] = [
  ['POST', /^\/connectors\/[^/]+\/tasks\/?$/],
  ['PUT', /^\/connectors\/[^/]+\/fence\/?$/],
];

const REFUSED: RestAnswer = {
  status: 401,
  headers: { 'www-authenticate': 'Basic realm="Kafka Connect", charset="UTF-8"' },
  body: { error_code: 401, message: 'User cannot access the resource.' },
};

/** Asks every request for a user and a password out of a file, as the extension of that name does that comes with Kafka. */
export const basicAuth = defineRestExtension({
  class: 'org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension',
  version: CONNECT_VERSION,
  doc: 'Answers only requests that have one of the users and passwords of a file (HTTP basic authentication).',
  config: {
    'rest.basic.auth.file': string({
      doc: 'The file of users and passwords: a line user=password for each. Default: the one that the JAAS file names.',
      default: null,
      importance: 'high',
    }),
    'java.security.auth.login.config': string({
      doc: `A JAAS file whose entry ${ENTRY} has the module ${LOGIN_MODULE} with the option file. Default: what -Djava.security.auth.login.config says in the environment variable KAFKA_OPTS.`,
      default: null,
      importance: 'medium',
    }),
  },
  register(config) {
    const file = config['rest.basic.auth.file'] ?? fileOfJaas(config['java.security.auth.login.config']);
    const allowed = credentials(file);
    return {
      securityScheme: { type: 'http', scheme: 'basic' },
      onRequest: (request) => (isInternal(request) || mayPass(request, allowed) ? undefined : REFUSED),
    };
  },
});

function fileOfJaas(configured: string | null): string {
  const [, quoted, plain] = JAAS_OPTION.exec(process.env['KAFKA_OPTS'] ?? '') ?? [];
  const jaas = configured ?? quoted ?? plain;
  if (jaas === undefined)
    throw new ConfigError(
      'Basic authentication needs to know its users: set rest.basic.auth.file to a file with a line user=password for each, or java.security.auth.login.config to a JAAS file (or KAFKA_OPTS=-Djava.security.auth.login.config=FILE)',
    );
  const modules = parseJaasFile(read(jaas, 'java.security.auth.login.config'), jaas, ENTRY);
  const [login] = modules;
  if (login?.module !== LOGIN_MODULE || modules.length > 1)
    throw new ConfigError(
      `The JAAS file ${jaas} cannot be used: its entry ${ENTRY} must have ${LOGIN_MODULE} and nothing else; other login modules are Java code`,
    );
  const file = login.options.get('file');
  if (!file)
    throw new ConfigError(`The JAAS file ${jaas} cannot be used: its entry ${ENTRY} lacks the option file="..."`);
  return file;
}

function read(file: string, key: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`Invalid value ${file} for configuration ${key}: ${messageOf(error)}`, { cause: error });
  }
}

/** What stands for a user with a password. Of equal length for all, so that comparing takes equally long. */
const digest = (user: string, password: string): Buffer =>
  createHash('sha256')
    .update(JSON.stringify([user, password]))
    .digest();

function credentials(file: string): readonly Buffer[] {
  const users = Object.entries(parseProperties(read(file, 'rest.basic.auth.file')));
  if (users.length === 0)
    throw new ConfigError(
      `The file of users ${file} is empty: add a line user=password, or everybody would be refused`,
    );
  return users.map(([user, password]) => digest(user, password));
}

const isInternal = ({ method, path }: RestRequest): boolean =>
  INTERNAL.some(([internal, pattern]) => internal === method && pattern.test(path));

function mayPass({ headers }: RestRequest, allowed: readonly Buffer[]): boolean {
  const [, encoded] = /^Basic +([A-Za-z0-9+/=]+) *$/i.exec(String(headers['authorization'] ?? '')) ?? [];
  const [, user, password] = /^([^:]+):(.*)$/s.exec(Buffer.from(encoded ?? '', 'base64').toString()) ?? [];
  const given = digest(user ?? '', password ?? '');
  // Every one is looked at, so that the time taken does not tell which users there are.
  const found = allowed.filter((one) => timingSafeEqual(one, given)).length > 0;
  return found && user !== undefined;
}
