import { status, taskConfig } from './pair.ts';
import { ask, better, change, differs, type Group } from './steps.ts';

const SOURCE = { 'connector.class': 'FileStreamSource', topic: 'patched-{tag}', file: '{dir}/in.txt' };
const patch = (body: unknown) => ['PATCH', '/connectors/p/config', body] as const;
const created = (config: object) => ['PUT', '/connectors/p/config', config] as const;

export const PATCH: Group = [
  'patches of a config',
  [
    ask('PATCH', '/connectors/nope/config', { 'batch.size': '5' }),
    change(created(SOURCE), status('p', 'RUNNING', 'RUNNING')),
    change(patch({ 'batch.size': '5' }), taskConfig('p', 'batch.size', '5'), status('p', 'RUNNING', 'RUNNING')),
    change(patch({ 'batch.size': 6 }), taskConfig('p', 'batch.size', '6'), status('p', 'RUNNING', 'RUNNING')),
    change(
      patch({ 'batch.size': null, extra: true }),
      taskConfig('p', 'extra', 'true'),
      status('p', 'RUNNING', 'RUNNING'),
    ),
    ask('GET', '/connectors/p/config'),
    change(patch({}), status('p', 'RUNNING', 'RUNNING')),
    change(['PATCH', '/connectors/p/config/', { extra: null, none: null }], taskConfig('p', 'extra', undefined)),
    ask(...patch({ 'tasks.max': '0' })),
    differs(
      patch({ 'connector.class': null }),
      { status: 400, body: { message: /^Connector config \{.*\} contains no connector type$/ } },
      { status: 400, body: { message: /^Connector config \{.*\} contains no connector type$/ } },
      'the same, but for the order of the keys',
    ),
    ask(...patch({ 'connector.class': 'NoSuch' })),
    ask(...patch({ name: null })),
    differs(
      patch({ name: 'other' }),
      { status: 200, body: { name: 'p', config: { name: 'other' } } },
      {
        status: 400,
        body: { message: "Connector name configuration (other) doesn't match connector name in the URL (p)" },
      },
      'as for PUT: the name of a connector cannot be changed',
    ),
    change(patch({ name: 'p' }), status('p', 'RUNNING', 'RUNNING')),
    ask(...patch({ topic: null })),
    ask('GET', '/connectors/p/config'),
    ask('PATCH', '/connectors/p', {}),
    ask('OPTIONS', '/connectors/p/config'),
    better(patch({ a: { b: '1' } }), /'a' is a JSON object/),
    better(patch({ a: ['1'] }), /'a' is a JSON array/),
    better(patch([]), /must be a JSON object/),
    better(patch('"text"'), /must be a JSON object/),
    better(patch('null'), /must be a JSON object/),
    better(patch(''), /must be a JSON object/),
    better(patch('{bad'), /not valid JSON/),
    ask('PATCH', '/connectors/p/config', '{}', { 'content-type': 'application/merge-patch+json' }),
    ask('GET', '/connectors/p'),
  ],
];

export const REFERENCES: Group = [
  'references to config providers',
  [
    change(
      [
        'PUT',
        '/connectors/r/config',
        { ...SOURCE, file: `\${dir:{dir}/values:file}`, topic: `ref-\${file:{dir}/values.properties:topic}` },
      ],
      status('r', 'RUNNING', 'RUNNING'),
    ),
    ask('GET', '/connectors/r'),
    ask('GET', '/connectors/r/tasks'),
    ask('GET', '/connectors?expand=info'),
    ask('GET', '/connectors/r/config'),
    change(['PUT', '/connectors/r/config', { ...SOURCE, file: `\${nope:x:y}` }], status('r', 'RUNNING', 'RUNNING')),
    ask('GET', '/connectors/r/tasks'),
    differs(
      ['PUT', '/connectors/r/config', { ...SOURCE, file: `\${file:{dir}/values.properties:none}` }],
      { status: 200 },
      {
        status: 400,
        body: {
          message: /Invalid value \$\{file:.*:none\} for configuration file: the config provider 'file' has no value/,
        },
      },
      'Java passes the reference on as if it were the value',
    ),
    differs(
      ['PUT', '/connectors/r/config', { ...SOURCE, file: `\${file:{dir}/none.properties:none}` }],
      { status: 500, body: { message: /Could not read properties from file/ } },
      { status: 400, body: { message: /Could not read properties from file/ } },
      'a mistake of the caller is not an error of the server',
    ),
    differs(
      ['PUT', '/connectors/m/config', { ...SOURCE, 'producer.override.sasl.jaas.config': 'unused' }],
      { status: 201, body: { config: { 'producer.override.sasl.jaas.config': 'unused' } } },
      { status: 201, body: { config: { 'producer.override.sasl.jaas.config': '[hidden]' } } },
      'passwords are masked',
    ),
    differs(
      ['GET', '/connectors/m/config'],
      { status: 200, body: { 'producer.override.sasl.jaas.config': 'unused' } },
      { status: 200, body: { 'producer.override.sasl.jaas.config': '[hidden]' } },
      'passwords are masked',
    ),
  ],
];

const FULL = 'org.apache.kafka.connect.';
const source = (config: object) =>
  ask('PUT', '/connector-plugins/FileStreamSource/config/validate', { name: 'v', ...SOURCE, ...config });
const sink = (config: object) =>
  ask('PUT', '/connector-plugins/FileStreamSink/config/validate', {
    name: 'v',
    'connector.class': 'FileStreamSink',
    file: '{dir}/out.txt',
    ...config,
  });
const EXACTLY_ONCE = [
  ...['requested', 'REQUESTED', 'Required', 'required', 'none', ''].map((value) => ({ 'exactly.once.support': value })),
  ...['poll', 'POLL', 'Interval', 'connector', 'CONNECTOR', 'batch', ''].map((value) => ({
    'transaction.boundary': value,
  })),
  ...['0', '1000', '-1', 'x'].map((value) => ({ 'transaction.boundary.interval.ms': value })),
  ...['own', '', ' '].map((value) => ({ 'offsets.storage.topic': value })),
];
const TOPIC_CREATION = [
  { 'topic.creation.default.partitions': '3', 'topic.creation.default.replication.factor': '1' },
  { 'topic.creation.default.partitions': '3' },
  { 'topic.creation.default.replication.factor': '1' },
  { 'topic.creation.default.partitions': '0', 'topic.creation.default.replication.factor': '0' },
  { 'topic.creation.default.partitions': '-1', 'topic.creation.default.replication.factor': '-1' },
  { 'topic.creation.default.partitions': '-2', 'topic.creation.default.replication.factor': '-2' },
  { 'topic.creation.groups': 'a' },
  {
    'topic.creation.groups': 'default',
    'topic.creation.default.partitions': '1',
    'topic.creation.default.replication.factor': '1',
  },
  ...['x.*', '[', 'a,b', ''].map((include) => ({
    'topic.creation.groups': 'a,b',
    'topic.creation.default.partitions': '1',
    'topic.creation.default.replication.factor': '1',
    'topic.creation.a.include': include,
    'topic.creation.b.include': 'b',
    'topic.creation.b.exclude': include,
    'topic.creation.b.cleanup.policy': 'compact',
  })),
];
const VERSIONS = ['4.1.0', '[4.1.0]', '[4.0,5.0)', '[1.0,2.0)', 'garbage!', '', '(,4.1.0]', '5.0'];
const HOIST = {
  transforms: 'h',
  'transforms.h.type': `${FULL}transforms.HoistField$Value`,
  'transforms.h.field': 'f',
};

export const VALIDATION: Group = [
  'the validation of keys of the framework',
  [
    ...EXACTLY_ONCE.map(source),
    ...TOPIC_CREATION.map(source),
    ...['x.*', '', '(', '\\p{L}+'].map((regex) => sink({ 'topics.regex': regex })),
    ...['', 'a,', ' a , b '].map((topics) => sink({ topics })),
    ...['SimpleHeaderConverter', `${FULL}storage.StringConverter`, `${FULL}json.JsonConverter`, 'NoSuch', ''].map(
      (name) => source({ 'header.converter': name }),
    ),
    ...['none', 'NONE', 'restart', 'Restart', 'x'].map((value) => source({ 'config.action.reload': value })),
    ...VERSIONS.map((version) => source({ 'connector.plugin.version': version })),
    ...VERSIONS.map((version) =>
      source({ 'value.converter': `${FULL}json.JsonConverter`, 'value.converter.plugin.version': version }),
    ),
    ...VERSIONS.map((version) => source({ ...HOIST, 'transforms.h.plugin.version': version })),
    source({
      'producer.override.sasl.jaas.config': 'x',
      'producer.override.linger.ms': '5',
      'admin.override.retries': '1',
    }),
    sink({ topics: 'a', 'consumer.override.ssl.key.password': 'x', 'producer.override.acks': '1' }),
  ],
];
