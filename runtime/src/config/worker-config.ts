import {
  boolean,
  type Config,
  type ConfigDef,
  ConfigError,
  className,
  int,
  list,
  long,
  type Props,
  parseConfig,
  string,
} from '@tributary/api';
import { originsProblem } from './cross-origin.ts';
import { connectProtocol, distributedConfig, distributedProblems } from './distributed-config.ts';
import { overridePolicyProblem } from './override-policy.ts';
import { ownKeys } from './own-keys.ts';
import { headerRulesProblem } from './response-headers.ts';

/** The worker's own keys; those of Kafka clients (`security.protocol`, `sasl.*` ...) are passed on to the broker adapter. */
export const workerConfig = {
  'bootstrap.servers': string({
    doc: 'The Kafka brokers as host:port, with commas between; or embedded:FOLDER for the log in the worker itself, which needs no server.',
    default: 'localhost:9092',
    importance: 'high',
    nonEmpty: true,
  }),
  'group.id': string({
    doc: 'The name of the cluster of workers. Workers with the same name share the internal topics.',
    default: 'tributary',
    importance: 'high',
    nonEmpty: true,
  }),
  'key.converter': className({
    doc: 'The converter of record keys for connectors that name none.',
    default: 'org.apache.kafka.connect.json.JsonConverter',
    importance: 'high',
  }),
  'value.converter': className({
    doc: 'The converter of record values for connectors that name none.',
    default: 'org.apache.kafka.connect.json.JsonConverter',
    importance: 'high',
  }),
  'header.converter': className({
    doc: 'The converter of header values for connectors that name none.',
    default: 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
    importance: 'low',
  }),
  'config.storage.topic': string({
    doc: 'The topic of connector configs.',
    default: 'connect-configs',
    importance: 'high',
    nonEmpty: true,
  }),
  'config.storage.replication.factor': int({
    doc: 'For creating it. -1: the default of the broker.',
    default: -1,
    importance: 'low',
  }),
  'offset.storage.topic': string({
    doc: 'The topic of source offsets.',
    default: 'connect-offsets',
    importance: 'high',
    nonEmpty: true,
  }),
  'offset.storage.partitions': int({
    doc: 'For creating it. -1: the default of the broker.',
    default: 25,
    importance: 'low',
  }),
  'offset.storage.replication.factor': int({
    doc: 'For creating it. -1: the default of the broker.',
    default: -1,
    importance: 'low',
  }),
  'status.storage.topic': string({
    doc: 'The topic of connector and task states.',
    default: 'connect-status',
    importance: 'high',
    nonEmpty: true,
  }),
  'status.storage.partitions': int({
    doc: 'For creating it. -1: the default of the broker.',
    default: 5,
    importance: 'low',
  }),
  'status.storage.replication.factor': int({
    doc: 'For creating it. -1: the default of the broker.',
    default: -1,
    importance: 'low',
  }),
  ...distributedConfig,
  listeners: list({
    doc: 'Where the REST API listens: http://host:port and https://host:port. Without a host (http://:8083) on every interface, as Java workers; the default is loopback only. Certificates: listeners.https.ssl.*, or ssl.* if there is none of those.',
    default: ['http://127.0.0.1:8083'],
    importance: 'low',
    nonEmpty: true,
  }),
  'admin.listeners': list({
    doc: 'Where the resources under /admin are. Default: at the listeners. Empty: nowhere. Certificates: admin.listeners.https.ssl.*, or ssl.*.',
    default: null,
    importance: 'low',
  }),
  'ssl.client.auth': string({
    doc: 'Whether clients of https listeners must show a certificate.',
    default: 'none',
    oneOf: ['none', 'requested', 'required'],
    caseSensitive: false,
    importance: 'low',
  }),
  'rest.advertised.host.name': string({
    doc: 'The host that others are told to reach this worker at. Default: that of the listener.',
    default: null,
    importance: 'low',
  }),
  'rest.advertised.port': int({
    doc: 'The port that others are told. Default: that of the listener.',
    default: null,
    min: 1,
    max: 65535,
    importance: 'low',
  }),
  'rest.advertised.listener': string({
    doc: 'The protocol of the listener that others are told, http or https. Default: http if there is one.',
    default: null,
    oneOf: ['http', 'https'],
    caseSensitive: false,
    importance: 'low',
  }),
  'rest.request.max.bytes': int({
    doc: 'How large the body of a request may be. Not in Kafka Connect, which has no limit.',
    default: 1024 * 1024,
    min: 1024,
    importance: 'low',
  }),
  'rest.extension.classes': list({
    doc: 'Plugins that look at every request before it is answered, and may refuse it, in this order.',
    default: [],
    importance: 'low',
  }),
  'access.control.allow.origin': string({
    doc: 'Pages of which origins may use the API: *, or origins such as https://example.com, with commas between. Empty: none.',
    default: '',
    validate: originsProblem,
    importance: 'low',
  }),
  'access.control.allow.methods': string({
    doc: 'With which methods they may. Empty: GET, POST and HEAD.',
    default: '',
    importance: 'low',
  }),
  'response.http.headers.config': string({
    doc: "Headers of every answer: rules 'action name: value' with commas between, where action is one of set, add, setDate, addDate. A rule with a comma goes in double quotes.",
    default: '',
    validate: headerRulesProblem,
    importance: 'low',
  }),
  'plugin.path': list({
    doc: 'Folders to look for plugins in: each a package, or a folder of packages and modules. The node_modules of the worker and of the working directory are searched anyway.',
    default: [],
    importance: 'low',
  }),
  'plugin.discovery': string({
    doc: 'Has no meaning here: manifests make discovery fast.',
    default: null,
    importance: 'low',
  }),
  'offset.flush.interval.ms': long({
    doc: 'How often source offsets are stored and sink offsets committed, in milliseconds.',
    default: 60_000,
    min: 1,
    importance: 'low',
  }),
  'offset.flush.timeout.ms': long({
    doc: 'How long a flush of offsets may take, in milliseconds, before it is given up and tried again later.',
    default: 5_000,
    min: 1,
    importance: 'low',
  }),
  'task.shutdown.graceful.timeout.ms': long({
    doc: 'How long tasks have to stop, in milliseconds, all of them together.',
    default: 5_000,
    min: 0,
    importance: 'low',
  }),
  ...ownKeys,
  'worker.memory.bytes': long({
    doc: 'Bytes of records that all tasks together may hold on their way, fetch and produce buffers included.',
    default: 64 * 1024 * 1024,
    min: 1024 * 1024,
    importance: 'low',
  }),
  'exactly.once.source.support': string({
    doc: "Whether sources write each record once, in transactions with their offsets (KIP-618): 'disabled', 'enabled', or 'preparing' for the way from one to the other on several workers. On the embedded log they always do.",
    default: 'disabled',
    oneOf: ['disabled', 'preparing', 'enabled'],
    caseSensitive: false,
    importance: 'high',
  }),
  'topic.creation.enable': boolean({
    doc: 'Whether source connectors may give settings for the topics created for them (topic.creation.*).',
    default: true,
    importance: 'low',
  }),
  'topic.tracking.enable': boolean({
    doc: 'Whether the topics that each connector uses are recorded.',
    default: true,
    importance: 'low',
  }),
  'topic.tracking.allow.reset': boolean({
    doc: 'Whether that record may be reset by request.',
    default: true,
    importance: 'low',
  }),
  'connector.client.config.override.policy': className({
    doc: 'Which client configs connectors may override: All, None or Principal.',
    default: 'All',
    validate: overridePolicyProblem,
  }),
  'config.providers': list({
    doc: 'Names of config providers, which look up references to values that are kept elsewhere. Each has its class under config.providers.<name>.class and its parameters under config.providers.<name>.param.',
    default: [],
    importance: 'low',
  }),
  'rest.mask.passwords': boolean({
    doc: 'Whether the REST API shows [hidden] for passwords, and keeps what is stored where a config brings [hidden] back. false: passwords are shown, as Java workers do.',
    default: true,
    importance: 'low',
  }),
  'log.level': string({
    doc: 'What the log shows at least: the level of the root logger. PUT /admin/loggers changes it while the worker runs.',
    default: 'info',
    oneOf: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'off'],
    importance: 'low',
  }),
} satisfies ConfigDef;

export type WorkerConfig = Config<typeof workerConfig>;

/** Keys of Java workers that mean nothing here, and what holds instead. */
const MEANINGLESS: Readonly<Record<string, string>> = {
  'offset.storage.file.filename':
    'source offsets are kept in the topic named by offset.storage.topic, as on distributed workers',
  'worker.unsync.backoff.ms':
    'a worker that cannot read the config topic stays in the group and tries again all the time',
  'plugin.discovery': 'plugins are listed by the manifest of their package, which costs no start-up time',
  'internal.key.converter': 'the internal topics always hold JSON without schemas',
  'internal.value.converter': 'the internal topics always hold JSON without schemas',
  'metric.reporters': 'metrics are at /metrics in the Prometheus format',
  'metrics.sample.window.ms': 'metrics are at /metrics in the Prometheus format',
  'metrics.num.samples': 'metrics are at /metrics in the Prometheus format',
  'metrics.recording.level': 'metrics are at /metrics in the Prometheus format',
};

/** Prefixes whose keys belong to somebody else: listeners, converters, clients, config providers. */
const PREFIXES =
  /^((admin\.)?listeners\.https\.|(key|value|header)\.converter\.|producer\.|consumer\.|admin\.|config\.providers|(config|offset|status)\.storage\.)/;

export interface ParsedWorkerConfig {
  readonly config: WorkerConfig;
  readonly props: Props;
  /** Keys that are ignored, each with the reason, to be shown at start. */
  readonly warnings: readonly string[];
  /** Keys that nobody knows, unless a REST extension does. */
  readonly unknownKeys: readonly string[];
}

/**
 * Parses a worker's config.
 * @param clientKeys the keys that the broker adapter understands
 * @param redact takes secrets out of messages
 * @throws ConfigError with every error found
 */
export function parseWorkerConfig(
  props: Props,
  clientKeys: ReadonlySet<string>,
  redact: (text: string) => string = (text) => text,
): ParsedWorkerConfig {
  const { config, errors } = parseConfig(workerConfig, props);
  const problems = errors.size > 0 ? [...errors.values()].flat() : distributedProblems(config);
  if (problems.length > 0) {
    throw new ConfigError(
      `The worker's config is invalid:\n${problems.map((error) => `  ${redact(error)}`).join('\n')}`,
    );
  }
  const warnings = Object.keys(props)
    .filter((key) => Object.hasOwn(MEANINGLESS, key))
    .map((key) => `'${key}' has no meaning here: ${MEANINGLESS[key]}`);
  if (connectProtocol(config) === 'compatible')
    warnings.push(
      "With 'connect.protocol=compatible' requests of workers to each other are not signed: whoever reaches the REST API can change the configs of tasks. Set sessioned, unless there are workers that do not know it",
    );
  const unknownKeys = Object.keys(props).filter((key) => !isKnown(key, clientKeys));
  return { config, props, warnings, unknownKeys };
}

function isKnown(key: string, clientKeys: ReadonlySet<string>): boolean {
  if (Object.hasOwn(workerConfig, key) || clientKeys.has(key) || PREFIXES.test(key)) return true;
  return Object.hasOwn(MEANINGLESS, key);
}

/** Where to look for plugins, which is read before anything else: references are not looked up in it. */
export function pluginPathOf(props: Props): readonly string[] {
  return parseConfig({ 'plugin.path': workerConfig['plugin.path'] }, props).config['plugin.path'];
}

/** The part of a config under a prefix, without the prefix. */
export function withPrefix(props: Props, prefix: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(props).flatMap(([key, value]) =>
      key.startsWith(prefix) ? [[key.slice(prefix.length), value] as const] : [],
    ),
  );
}
