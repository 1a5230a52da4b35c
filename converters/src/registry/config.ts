import { boolean, type Config, className, int, list, long, password, string } from '@tributary/api';
import { SUBJECT_NAME_STRATEGIES, strategyProblem } from './subject-names.ts';

const CLIENT = 'Schema registry';
const SUBJECTS = 'Schemas';

/** The key that all converters have; the worker sets it. */
const converterType = {
  'converter.type': string({
    oneOf: ['key', 'value', 'header'],
    default: null,
    importance: 'low',
    doc: 'What the converter is used for. The worker sets it.',
  }),
};

/** How the registry is reached. The keys of Confluent's clients. */
export const clientKeys = {
  'schema.registry.url': list({
    nonEmpty: true,
    importance: 'high',
    group: CLIENT,
    doc: 'The addresses of the schema registry, separated by commas; the next is tried when one cannot be reached.',
    validate: urlProblem,
  }),
  'max.schemas.per.subject': int({
    default: 1000,
    min: 1,
    importance: 'low',
    group: CLIENT,
    doc: 'How many schemas are remembered, in all.',
  }),
  'latest.cache.size': int({
    default: 1000,
    min: 1,
    importance: 'low',
    group: CLIENT,
    doc: 'Of how many subjects the latest version is remembered.',
  }),
  'latest.cache.ttl.sec': int({
    default: -1,
    importance: 'low',
    group: CLIENT,
    doc: 'How long the latest version of a subject is remembered, in seconds; -1: for good.',
  }),
  'basic.auth.credentials.source': string({
    default: 'URL',
    oneOf: ['URL', 'USER_INFO'],
    importance: 'medium',
    group: CLIENT,
    doc: 'Where the name and password for basic authentication come from: URL (http://name:password@host) or USER_INFO (basic.auth.user.info).',
  }),
  'basic.auth.user.info': password({
    default: '',
    importance: 'medium',
    group: CLIENT,
    doc: 'name:password for basic authentication, with basic.auth.credentials.source=USER_INFO.',
  }),
  'schema.registry.basic.auth.user.info': password({
    default: '',
    importance: 'medium',
    group: CLIENT,
    doc: 'The former name of basic.auth.user.info.',
  }),
  'bearer.auth.credentials.source': string({
    default: 'STATIC_TOKEN',
    oneOf: ['STATIC_TOKEN'],
    importance: 'medium',
    group: CLIENT,
    doc: 'Where the token for bearer authentication comes from: bearer.auth.token.',
  }),
  'bearer.auth.token': password({
    default: '',
    importance: 'medium',
    group: CLIENT,
    doc: 'The token for bearer authentication. It takes the place of basic authentication.',
  }),
  'proxy.host': string({
    default: '',
    importance: 'low',
    group: CLIENT,
    doc: 'An HTTP proxy on the way to the registry.',
  }),
  'proxy.port': int({ default: -1, importance: 'low', group: CLIENT, doc: 'The port of the HTTP proxy.' }),
  'http.connect.timeout.ms': int({
    default: 60_000,
    min: 1,
    importance: 'low',
    group: CLIENT,
    doc: 'How long a connection may take to come about, in milliseconds.',
  }),
  'http.read.timeout.ms': int({
    default: 60_000,
    min: 1,
    importance: 'low',
    group: CLIENT,
    doc: 'How long the registry may be silent before a request counts as failed, in milliseconds.',
  }),
  'max.retries': int({
    default: 3,
    min: 0,
    importance: 'low',
    group: CLIENT,
    doc: 'How often a request is repeated that failed for now (no connection, a timeout, 408, 429, 5xx).',
  }),
  'retries.wait.ms': long({
    default: 1000,
    min: 0,
    importance: 'low',
    group: CLIENT,
    doc: 'The longest pause before the first repetition, in milliseconds; it doubles each time.',
  }),
  'retries.max.wait.ms': long({
    default: 20_000,
    min: 0,
    importance: 'low',
    group: CLIENT,
    doc: 'The longest pause before any repetition, in milliseconds.',
  }),
  'schema.registry.ssl.truststore.type': storeType('truststore'),
  'schema.registry.ssl.truststore.location': path('The file with the certificates that are trusted.'),
  'schema.registry.ssl.truststore.password': secret('The password of the truststore. PEM files have none.'),
  'schema.registry.ssl.truststore.certificates': secret('The certificates that are trusted, as PEM text.'),
  'schema.registry.ssl.keystore.type': storeType('keystore'),
  'schema.registry.ssl.keystore.location': path('The file with our own key and certificates.'),
  'schema.registry.ssl.keystore.password': secret('The password of the keystore.'),
  'schema.registry.ssl.keystore.key': secret('Our own key, as PEM text.'),
  'schema.registry.ssl.keystore.certificate.chain': secret('Our own certificates, as PEM text.'),
  'schema.registry.ssl.key.password': secret('The password of the key.'),
  'schema.registry.ssl.endpoint.identification.algorithm': string({
    default: 'https',
    oneOf: ['https', ''],
    caseSensitive: false,
    importance: 'low',
    group: CLIENT,
    doc: 'https: the name in the certificate must be that of the host; empty: it is not looked at.',
  }),
};

export type ClientConfig = Config<typeof clientKeys>;

function storeType(store: string) {
  return string({
    default: 'JKS',
    oneOf: ['JKS', 'PKCS12', 'PEM'],
    importance: 'low',
    group: CLIENT,
    doc: `The format of the ${store}. PEM can be read${store === 'keystore' ? ', and PKCS12' : ''}; JKS, the default, cannot.`,
  });
}

function path(doc: string) {
  return string({ default: null, importance: 'low', group: CLIENT, doc });
}

function secret(doc: string) {
  return password({ default: null, importance: 'low', group: CLIENT, doc });
}

/** What is wrong with an address of a registry; nothing for `http(s)://...`. */
export function addressProblem(url: string): string | undefined {
  if (!URL.canParse(url)) return 'must be an address such as http://localhost:8081';
  const { protocol } = new URL(url);
  return protocol === 'http:' || protocol === 'https:' ? undefined : 'must begin with http:// or https://';
}

function urlProblem(urls: readonly string[]): string | undefined {
  // The message will show the value, so what may hold a password is left to the client.
  return urls
    .filter((url) => !url.includes('@'))
    .map(addressProblem)
    .find((problem) => problem !== undefined);
}

/** Which schema is used for what is written, and under which subject. The keys of Confluent's serialisers. */
export const schemaKeys = {
  'auto.register.schemas': boolean({
    default: true,
    importance: 'medium',
    group: SUBJECTS,
    doc: 'Whether schemas are registered as they come up. Otherwise they must be registered already.',
  }),
  'normalize.schemas': boolean({
    default: false,
    importance: 'medium',
    group: SUBJECTS,
    doc: 'Whether the registry brings schemas to a normal form, in which the order of properties does not matter.',
  }),
  'use.latest.version': boolean({
    default: false,
    importance: 'low',
    group: SUBJECTS,
    doc: 'Whether values are written with the latest version of the subject instead of their own schema. Needs auto.register.schemas=false.',
  }),
  'latest.compatibility.strict': boolean({
    default: true,
    importance: 'low',
    group: SUBJECTS,
    doc: 'With use.latest.version: whether the latest version must be able to read what is written with the own schema.',
  }),
  'use.schema.id': int({
    default: -1,
    importance: 'low',
    group: SUBJECTS,
    doc: 'The id of the schema that values are written with instead of their own; -1: none. Needs auto.register.schemas=false.',
  }),
  'id.compatibility.strict': boolean({
    default: true,
    importance: 'low',
    group: SUBJECTS,
    doc: 'With use.schema.id: whether that schema must be able to read what is written with the own schema.',
  }),
  'key.subject.name.strategy': strategy('keys'),
  'value.subject.name.strategy': strategy('values'),
};

function strategy(what: string) {
  return className({
    default: 'io.confluent.kafka.serializers.subject.TopicNameStrategy',
    importance: 'medium',
    group: SUBJECTS,
    recommended: SUBJECT_NAME_STRATEGIES,
    doc: `Under which subject the schemas of ${what} are registered: by topic, by the name of the record, or by both.`,
    validate: strategyProblem,
  });
}

/** What all converters with a schema registry have; each adds its own. */
export const registryKeys = { ...converterType, ...clientKeys, ...schemaKeys };
