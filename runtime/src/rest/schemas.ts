/** The JSON Schemas of the REST API's bodies, as `/openapi.json` shows them. */

import { LEVELS } from '../logging/levels.ts';

/** A JSON Schema (2020-12, the dialect of OpenAPI 3.1). */
export type JsonSchema = Readonly<Record<string, unknown>>;

export const STRING: JsonSchema = { type: 'string' };
export const NULLABLE_STRING: JsonSchema = { type: ['string', 'null'] };
export const INTEGER: JsonSchema = { type: 'integer' };
export const BOOLEAN: JsonSchema = { type: 'boolean' };

export function listOf(items: JsonSchema): JsonSchema {
  return { type: 'array', items };
}

export function mapOf(values: JsonSchema): JsonSchema {
  return { type: 'object', additionalProperties: values };
}

/** An object with these fields, all of them there unless named optional; it may have further ones. */
export function object(properties: Readonly<Record<string, JsonSchema>>, optional: readonly string[] = []): JsonSchema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', ...(required.length > 0 && { required }), properties };
}

/** The name of a new connector: it has neither control characters nor only white space. */
export const NAME: JsonSchema = {
  type: 'string',
  pattern: '^[^\\x00-\\x1f\\x7f]*[^\\s\\ufeff\\x00-\\x1f\\x7f][^\\x00-\\x1f\\x7f]*$',
};

const to = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

/** `RUNNING`, `PAUSED` ... */
const STATE: JsonSchema = {
  type: 'string',
  enum: ['UNASSIGNED', 'RUNNING', 'PAUSED', 'FAILED', 'RESTARTING', 'STOPPED', 'DESTROYED'],
};

const CONNECTOR_TYPE: JsonSchema = { type: 'string', enum: ['source', 'sink', 'unknown'] };

const TASK_ID = object({ connector: STRING, task: { type: 'integer', minimum: 0 } });

const STATE_INFO = { state: STATE, worker_id: STRING, version: NULLABLE_STRING, trace: STRING };

const LEVEL: JsonSchema = { type: 'string', enum: LEVELS };

/** The named schemas. */
export const SCHEMAS = {
  ErrorMessage: {
    description: 'The body of every error.',
    ...object({ error_code: { type: 'integer', minimum: 400, maximum: 599 }, message: STRING }),
  },
  ConnectorConfig: {
    description: 'The config of a connector. `[hidden]` stands for a password; sent back, it keeps what is stored.',
    ...mapOf(STRING),
  },
  ConnectorInfo: object({
    name: STRING,
    config: to('ConnectorConfig'),
    tasks: listOf(TASK_ID),
    type: CONNECTOR_TYPE,
  }),
  ConnectorState: {
    description: '`trace` says why it failed, the root cause on its first line.',
    ...object(STATE_INFO, ['trace']),
  },
  TaskState: {
    description: '`trace` says why it failed, the root cause on its first line.',
    ...object({ id: INTEGER, ...STATE_INFO }, ['trace']),
  },
  ConnectorStateInfo: object({
    name: STRING,
    connector: to('ConnectorState'),
    tasks: listOf(to('TaskState')),
    type: CONNECTOR_TYPE,
  }),
  TaskInfo: object({ id: TASK_ID, config: mapOf(STRING) }),
  ConfigInput: {
    description: 'Numbers and booleans are taken as their text.',
    ...mapOf({ type: ['string', 'number', 'boolean'] }),
  },
  ConfigPatch: {
    description: 'A JSON merge patch: values take the place of the old ones, null removes a key.',
    ...mapOf({ type: ['string', 'number', 'boolean', 'null'] }),
  },
  /** In a worker's own description each of the connectors that it has takes the place of this. */
  ConnectorInput: { ...mapOf({ type: ['string', 'number', 'boolean'] }), required: ['connector.class'] },
  CreateConnector: {
    ...object(
      {
        name: { description: 'May stand in the config instead.', ...NAME },
        config: to('ConnectorInput'),
        initial_state: {
          description: 'In upper or lower case.',
          type: ['string', 'null'],
          enum: ['RUNNING', 'PAUSED', 'STOPPED', null],
        },
      },
      ['initial_state'],
    ),
    additionalProperties: false,
  },
  PluginInfo: object({
    class: STRING,
    type: {
      type: 'string',
      enum: ['sink', 'source', 'transformation', 'predicate', 'converter', 'header_converter'],
    },
    version: STRING,
  }),
  ConfigKeyInfo: object({
    name: STRING,
    type: {
      type: 'string',
      enum: ['BOOLEAN', 'STRING', 'INT', 'SHORT', 'LONG', 'DOUBLE', 'LIST', 'CLASS', 'PASSWORD'],
    },
    required: BOOLEAN,
    default_value: NULLABLE_STRING,
    importance: { type: 'string', enum: ['HIGH', 'MEDIUM', 'LOW'] },
    documentation: STRING,
    group: NULLABLE_STRING,
    width: { type: 'string', enum: ['NONE', 'SHORT', 'MEDIUM', 'LONG'] },
    display_name: STRING,
    dependents: listOf(STRING),
    order: INTEGER,
  }),
  ConfigValueInfo: object({
    name: STRING,
    value: NULLABLE_STRING,
    recommended_values: listOf(STRING),
    errors: listOf(STRING),
    visible: BOOLEAN,
  }),
  ConfigInfos: object({
    name: STRING,
    error_count: { type: 'integer', minimum: 0 },
    groups: listOf(STRING),
    configs: listOf(object({ definition: to('ConfigKeyInfo'), value: to('ConfigValueInfo') })),
  }),
  ConnectorOffsets: object({
    offsets: listOf(
      object({ partition: { type: ['object', 'null'] }, offset: { type: ['object', 'null'] } }, ['offset']),
    ),
  }),
  OffsetsInput: {
    ...object({
      offsets: {
        ...listOf({
          ...object({ partition: { type: 'object' }, offset: { type: ['object', 'null'] } }, ['offset']),
          additionalProperties: false,
        }),
        minItems: 1,
      },
    }),
    additionalProperties: false,
  },
  Message: object({ message: STRING }),
  LoggerLevel: object({
    level: LEVEL,
    last_modified: { description: 'Milliseconds since 1970; null until it is set.', type: ['integer', 'null'] },
  }),
  LevelInput: object({ level: { description: 'In upper or lower case.', ...LEVEL } }),
} as const satisfies Readonly<Record<string, JsonSchema>>;

export type SchemaName = keyof typeof SCHEMAS;

/** Refers to one of the named schemas. */
export function ref(name: SchemaName): JsonSchema {
  return to(name);
}
