import { boolean, type ConfigDef, className, int, list, long, short, string } from '@tributary/api';
import { javaRegExp } from '@tributary/api/text';

const COMMON = 'Common';
const ERRORS = 'Error Handling';
const TOPIC_CREATION = 'Topic Creation';
const EXACTLY_ONCE = 'Exactly Once Support';

/** Why a pattern cannot be used, or nothing. */
export function regexProblem(pattern: string): string | undefined {
  try {
    javaRegExp(pattern);
    return undefined;
  } catch (error) {
    return `Invalid regex: ${(error as Error).message}`;
  }
}

/** Keys that every connector has. */
export const commonConfig = {
  name: string({
    doc: 'The name of this connector, unique in the cluster.',
    importance: 'high',
    group: COMMON,
    order: 1,
    width: 'medium',
    displayName: 'Connector name',
    validate: (name) => {
      if (name === '') return 'String may not be empty';
      // biome-ignore lint/suspicious/noControlCharactersInRegex: it is control characters that are looked for
      const stray = name.match(/[\u0000-\u001f\u007f]/g);
      return stray
        ? `String may not contain control sequences but had the following ASCII chars: ${stray.map((c) => c.charCodeAt(0)).join(', ')}`
        : undefined;
    },
  }),
  'connector.class': string({
    doc: 'The class of the connector, by its full name or an alias: for org.apache.kafka.connect.file.FileStreamSinkConnector also FileStreamSinkConnector or FileStreamSink.',
    importance: 'high',
    group: COMMON,
    order: 2,
    width: 'long',
    displayName: 'Connector class',
  }),
  'connector.plugin.version': string({
    doc: 'The version of the connector plugin, or a range such as [1.0,2.0).',
    default: null,
    group: COMMON,
    order: 3,
    width: 'medium',
    displayName: 'Connector version',
  }),
  'tasks.max': int({
    doc: 'How many tasks the connector may have at most.',
    default: 1,
    min: 1,
    importance: 'high',
    group: COMMON,
    order: 4,
    width: 'short',
    displayName: 'Tasks max',
  }),
  'tasks.max.enforce': boolean({
    doc: '(Deprecated) Whether a connector that makes more tasks than tasks.max fails (true) or is only warned about (false).',
    default: true,
    importance: 'low',
    group: COMMON,
    order: 5,
    width: 'short',
    displayName: 'Enforce tasks max',
  }),
  'key.converter': className({
    doc: 'The converter of record keys. Takes precedence over that of the worker; its own keys follow it, such as key.converter.schemas.enable.',
    default: null,
    importance: 'low',
    group: COMMON,
    order: 6,
    width: 'short',
    displayName: 'Key converter class',
  }),
  'key.converter.plugin.version': string({
    doc: 'The version of the key converter, or a range of versions.',
    default: null,
    importance: 'low',
    group: COMMON,
    order: 7,
    width: 'short',
    displayName: 'Key converter version',
  }),
  'value.converter': className({
    doc: 'The converter of record values. Takes precedence over that of the worker; its own keys follow it, such as value.converter.schemas.enable.',
    default: null,
    importance: 'low',
    group: COMMON,
    order: 8,
    width: 'short',
    displayName: 'Value converter class',
  }),
  'value.converter.plugin.version': string({
    doc: 'The version of the value converter, or a range of versions.',
    default: null,
    importance: 'low',
    group: COMMON,
    order: 9,
    width: 'short',
    displayName: 'Value converter version',
  }),
  'header.converter': className({
    doc: 'The converter of header values. Takes precedence over that of the worker.',
    default: null,
    importance: 'low',
    group: COMMON,
    order: 10,
    width: 'short',
    displayName: 'Header converter class',
  }),
  'header.converter.plugin.version': string({
    doc: 'The version of the header converter, or a range of versions.',
    default: null,
    importance: 'low',
    group: COMMON,
    order: 11,
    width: 'short',
    displayName: 'Header converter version',
  }),
  transforms: list({
    doc: 'Aliases of the transforms that records go through, in order. Each is configured under transforms.<alias>.',
    default: [],
    importance: 'low',
    group: 'Transforms',
    order: 12,
    width: 'long',
    displayName: 'Transforms',
  }),
  predicates: list({
    doc: 'Aliases of the predicates that transforms may refer to. Each is configured under predicates.<alias>.',
    default: [],
    importance: 'low',
    group: 'Predicates',
    order: 13,
    width: 'long',
    displayName: 'Predicates',
  }),
  'config.action.reload': string({
    doc: 'What to do when a config provider says that a value it gave has changed: restart the connector, or nothing.',
    default: 'restart',
    oneOf: ['none', 'restart'],
    importance: 'low',
    group: COMMON,
    order: 14,
    width: 'medium',
    displayName: 'Reload Action',
  }),
  'errors.retry.timeout': long({
    doc: 'For how many milliseconds a failed operation is tried again. 0: not at all; -1: without end.',
    default: 0,
    min: -1,
    group: ERRORS,
    order: 1,
    width: 'medium',
    displayName: 'Retry Timeout for Errors',
  }),
  'errors.retry.delay.max.ms': long({
    doc: 'The longest pause between two attempts, in milliseconds; pauses grow up to it, with jitter.',
    default: 60_000,
    min: 1,
    group: ERRORS,
    order: 2,
    width: 'medium',
    displayName: 'Maximum Delay Between Retries for Errors',
  }),
  'errors.tolerance': string({
    doc: "What becomes of a record that cannot be converted, transformed or stored: 'none' fails the task at the first one, 'all' passes it by.",
    default: 'none',
    oneOf: ['none', 'all'],
    group: ERRORS,
    order: 3,
    width: 'short',
    displayName: 'Error Tolerance',
  }),
  'errors.log.enable': boolean({
    doc: 'Whether each tolerated error is logged with the place of its record. Errors that are not tolerated always are.',
    default: false,
    group: ERRORS,
    order: 4,
    width: 'short',
    displayName: 'Log Errors',
  }),
  'errors.log.include.messages': boolean({
    doc: 'Whether the log line of an error carries the key, value and headers of its record, which may be confidential.',
    default: false,
    group: ERRORS,
    order: 5,
    width: 'short',
    displayName: 'Log Error Details',
  }),
} satisfies ConfigDef;

/** The dead letter queue: of every sink as in Java, and of sources that name one. */
export const deadLetterConfig = {
  'errors.deadletterqueue.topic.name': string({
    doc: 'The topic that takes the records which fail in a converter, a transform or the sink. Empty: they are only counted and logged.',
    default: '',
    group: ERRORS,
    order: 6,
    width: 'medium',
    displayName: 'Dead Letter Queue Topic Name',
  }),
  'errors.deadletterqueue.topic.replication.factor': short({
    doc: 'The replication factor with which the dead letter queue topic is created if it does not exist.',
    default: 3,
    group: ERRORS,
    order: 7,
    width: 'medium',
    displayName: 'Dead Letter Queue Topic Replication Factor',
  }),
  'errors.deadletterqueue.context.headers.enable': boolean({
    doc: 'Whether dead letters carry headers (__connect.errors.*) that tell where, why and at which stage they failed.',
    default: false,
    group: ERRORS,
    order: 8,
    width: 'medium',
    displayName: 'Enable Error Context Headers',
  }),
} satisfies ConfigDef;

/** Keys that every source has besides. */
export const sourceConfig = {
  'topic.creation.groups': list({
    doc: 'Groups of settings for the topics that this source creates; a topic belongs to the first whose include patterns match it and whose exclude patterns do not.',
    default: [],
    importance: 'low',
    group: TOPIC_CREATION,
    order: 1,
    width: 'long',
    displayName: 'Topic Creation Groups',
  }),
  'exactly.once.support': string({
    doc: "'required' refuses to run the connector unless it and the worker support exactly-once; 'requested' does not insist.",
    default: 'requested',
    oneOf: ['requested', 'required'],
    caseSensitive: false,
    group: EXACTLY_ONCE,
    order: 2,
    width: 'short',
    displayName: 'Exactly once support',
  }),
  'transaction.boundary': string({
    doc: 'What ends a transaction under exactly-once: each batch (poll), time (interval) or the connector itself (connector).',
    default: 'poll',
    oneOf: ['poll', 'interval', 'connector'],
    caseSensitive: false,
    group: EXACTLY_ONCE,
    order: 3,
    width: 'short',
    displayName: 'Transaction Boundary',
  }),
  'transaction.boundary.interval.ms': long({
    doc: "Milliseconds between commits where transaction.boundary is 'interval'. Default: the worker's offset.flush.interval.ms.",
    default: null,
    min: 0,
    importance: 'low',
    group: EXACTLY_ONCE,
    order: 4,
    width: 'short',
    displayName: 'Transaction boundary interval',
  }),
  'offsets.storage.topic': string({
    doc: "An offsets topic of the connector's own, instead of the worker's.",
    default: null,
    nonEmpty: true,
    importance: 'low',
    group: 'offsets.topic',
    order: 1,
    width: 'long',
    displayName: 'Offsets topic',
  }),
} satisfies ConfigDef;

/** Keys that every sink has besides. */
export const sinkConfig = {
  topics: list({
    doc: 'The topics to read. Either this or topics.regex must be given.',
    default: [],
    importance: 'high',
    group: COMMON,
    order: 4,
    width: 'long',
    displayName: 'Topics',
  }),
  'topics.regex': string({
    doc: 'A pattern of the names of the topics to read, which must match the whole name. Topics that are created later are read too.',
    default: '',
    importance: 'high',
    group: COMMON,
    order: 4,
    width: 'long',
    displayName: 'Topics regex',
    validate: regexProblem,
  }),
  ...deadLetterConfig,
} satisfies ConfigDef;
