import { again, gone, status, taskConfig, usedTopics } from './pair.ts';
import { ask, better, change, differs, type Group } from './steps.ts';

const SOURCE = { 'connector.class': 'FileStreamSource', topic: 'lines-{tag}' };
const SINK = { 'connector.class': 'FileStreamSink', topics: 'lines-{tag}', file: '{dir}/out-{tag}.txt' };
const src = { ...SOURCE, file: '{dir}/in.txt', 'tasks.max': '1' };
const PACKAGE = 'org.apache.kafka.connect.transforms.';
const HOIST = {
  transforms: 'mk',
  'transforms.mk.type': `${PACKAGE}HoistField$Value`,
  'transforms.mk.field': 'line',
};
const create = (name: string, config: object, more: object = {}) =>
  ['POST', '/connectors', { name, config, ...more }] as const;

/** What nobody has created yet. */
const EMPTY: Group = [
  'an empty worker',
  [
    differs(
      ['GET', '/'],
      { status: 200, body: { version: '4.1.0', commit: String, kafka_cluster_id: String } },
      { status: 200, body: { version: '4.1.0', commit: String, kafka_cluster_id: String, tributary_version: String } },
      'our own version is shown beside that of the contract',
    ),
    ask('HEAD', '/'),
    ask('GET', '/health'),
    ask('GET', '/health/'),
    ask('GET', '/connectors'),
    ask('GET', '/connectors/'),
    ask('HEAD', '/connectors'),
    ask('GET', '/connectors?expand=status&expand=info'),
    ask('GET', '/connectors?expand=zz'),
    ask('GET', '/connectors?expand='),
    ask('GET', '/connector-plugins'),
    ask('GET', '/connector-plugins/'),
    ask('GET', '/connector-plugins?connectorsOnly=true'),
  ],
];

const UNKNOWN_NAMES = [
  'nope',
  'nope/',
  'no%20pe',
  'n%C3%B6pe',
  '%F0%9F%98%80',
  'a+b',
  'a%2Bb',
  'a%3Fb',
  'a%23b',
  '%22',
  'a&b',
  'a:b',
  "a'b",
];

const UNKNOWN: Group = [
  'what does not exist',
  [
    ...UNKNOWN_NAMES.map((name) => ask('GET', `/connectors/${name}`)),
    ask('GET', '/connectors/nope/status'),
    ask('GET', '/connectors/nope/config'),
    ask('GET', '/connectors/nope/tasks'),
    ask('GET', '/connectors/nope/tasks/'),
    ask('GET', '/connectors/nope/tasks-config'),
    ask('GET', '/connectors/nope/tasks/0/status'),
    ask('GET', '/connectors/nope/tasks/x/status'),
    ask('GET', '/connectors/nope/tasks/-1/status'),
    ask('GET', '/connectors/nope/tasks/0'),
    ask('GET', '/connectors/nope/topics'),
    ask('PUT', '/connectors/nope/pause'),
    ask('PUT', '/connectors/nope/resume'),
    ask('PUT', '/connectors/nope/stop'),
    ask('POST', '/connectors/nope/restart'),
    ask('POST', '/connectors/nope/restart?includeTasks=true&onlyFailed=true'),
    ask('POST', '/connectors/nope/tasks/0/restart'),
    ask('POST', '/connectors/nope/tasks/x/restart'),
    ask('DELETE', '/connectors/nope'),
    ask('GET', '/nope'),
    ask('GET', '/connectors/nope/nope'),
    ask('GET', '/connector-plugins/nope'),
    ask('GET', '/Connectors'),
    ask('PATCH', '/connectors'),
    ask('DELETE', '/connectors'),
    ask('PUT', '/connectors'),
    ask('POST', '/connectors/nope'),
    ask('DELETE', '/connectors/nope/config'),
    ask('GET', '/connectors/nope/pause'),
    ask('POST', '/connectors/nope/pause'),
    ask('GET', '/connectors/nope/restart'),
    ask('POST', '/'),
    ask('POST', '/connector-plugins'),
    ask('GET', '/connector-plugins/FileStreamSource/config/validate'),
    ask('OPTIONS', '/connectors'),
    ask('OPTIONS', '/connectors/nope'),
    ask('OPTIONS', '/connectors/nope/pause'),
    ask('OPTIONS', '/nope'),
  ],
];

/** Only JSON is taken, in whichever letters and charset. */
const CONTENT_TYPES = [
  'application/json; charset=utf-8',
  'APPLICATION/JSON',
  'application/vnd.api+json',
  'text/json',
  'text/plain',
  'application/*',
  '*/*',
];

const BAD: Group = [
  'bad requests',
  [
    better(['POST', '/connectors', '{bad'], /not valid JSON/),
    better(['POST', '/connectors', '{"name":"a","config":{},"zzz":1}'], /Unrecognized field "zzz"/),
    better(['POST', '/connectors', '{"name":"a"}'], /"config" is missing/),
    better(['POST', '/connectors', '[]'], /must be a JSON object/),
    better(['POST', '/connectors', ''], /must be a JSON object/),
    better(['POST', '/connectors', '{"name":"a","config":{"x":{"y":1}}}'], /'x' is a JSON object/),
    better(['POST', '/connectors', '{"name":"a","config":{"x":[1]}}'], /'x' is a JSON array/),
    better(create('a', SOURCE, { initial_state: 'weird' }), /one of RUNNING, PAUSED, STOPPED/),
    better(['PUT', '/connectors/a/config', ''], /is missing/),
    better(['PUT', '/connectors/a/config', '[]'], /must be a JSON object/),
    better(['PUT', '/connectors/a/config', '{"a":'], /not valid JSON/),
    differs(
      ['POST', '/connectors', '{"config":{}}'],
      { status: 400, body: { message: /contains no connector type/ } },
      { status: 400, body: { message: /"name" of the connector is missing/ } },
      'the first mistake is that there is no name',
    ),
    differs(
      create('', SOURCE),
      { status: 400, body: { message: /String may not be empty/ } },
      { status: 400, body: { message: /"name" of the connector is empty/ } },
      'a name is asked for before the config is looked at',
    ),
    differs(
      create('a', { 'connector.class': '' }),
      { status: 400, body: { message: /which name matches , available/ } },
      { status: 400, body: { message: /contains no connector type/ } },
      'an empty class is none',
    ),
    differs(
      create('a', { ...SOURCE, file: null }),
      { status: 201 },
      { status: 400, body: { message: /'file' is null/ } },
      'Java takes a null value and fails when it starts the connector',
    ),
    differs(['DELETE', '/connectors/a'], { status: 204 }, { status: 404 }, 'only Java made it'),
    differs(
      ['POST', '/connectors/nope/restart?includeTasks=maybe'],
      { status: 404 },
      { status: 400, body: { message: /must be true or false/ } },
      'Java takes everything but true for false',
    ),
    ...['text/html', 'text/html, */*;q=0.1', 'application/*', 'application/json;q=0', 'text/plain', 'garbage'].map(
      (accept) => ask('GET', '/connectors', undefined, { accept }),
    ),
    ask('GET', '/nope', undefined, { accept: 'text/plain' }),
    ask('PUT', '/connectors/nope/pause', undefined, { accept: 'text/plain' }),
    ...CONTENT_TYPES.map((type) =>
      ask(
        'PUT',
        '/connectors/a/config',
        { 'connector.class': 'FileStreamSource', 'tasks.max': '0' },
        { 'content-type': type },
      ),
    ),
    ask('PUT', '/connectors/nope/pause', 'x', { 'content-type': 'text/plain' }),
    ask('PUT', '/connectors/nope/pause', '{bad'),
    ask('DELETE', '/connectors/nope', 'x', { 'content-type': 'text/plain' }),
    ask('DELETE', '/connectors/nope', '{}'),
    ask('GET', '/connectors', 'x', { 'content-type': 'text/plain' }),
    ask('POST', '/connectors/nope/restart', undefined, { 'content-type': 'application/x-www-form-urlencoded' }),
    ask('TRACE', '/connectors'),
    ask('QUERY', '/connectors'),
    ...['', 'garbage', 'application/json, text/plain'].map((type) =>
      differs(
        ['PUT', '/connectors/a/config', '{}', { 'content-type': type }],
        { status: 400, body: undefined },
        { status: 400, body: { message: /is no media type/ } },
        'a message says what is wrong',
      ),
    ),
    differs(['GET', '//connectors'], { status: 400 }, { status: 404 }, 'a path that does not exist'),
    differs(
      ['GET', '/connectors/a;b'],
      { status: 404, body: { message: 'Connector a not found' } },
      { status: 404, body: { message: 'Connector a;b not found' } },
      'Java cuts a name at a semicolon that is not encoded',
    ),
    ask('POST', '/connectors', 'x', { 'content-type': 'text/plain' }),
    ask('PUT', '/connectors/a/config', 'x', { 'content-type': 'application/x-www-form-urlencoded' }),
    ask(...create('a', { 'tasks.max': '1' })),
    ask(...create('a', { 'connector.class': 'NoSuch' })),
    ask(...create('a', { ...SOURCE, name: 'b' })),
    ask('PUT', '/connectors/a/config', { ...SOURCE, name: 'b' }),
    ask('PUT', '/connectors/a/config', {}),
    ask(...create('a', { 'connector.class': 'FileStreamSource', 'tasks.max': '0' })),
    ask(...create('a', { 'connector.class': 'FileStreamSink' })),
    ask(...create('a', { ...SINK, 'topics.regex': 'x' })),
    ask('PUT', '/connectors/a/config', { ...SOURCE, 'errors.tolerance': 'some' }),
    ask(...create('a\u0007b', SOURCE)),
    ask('GET', '/connectors'),
  ],
];

const LIFE: Group = [
  'the life of a source',
  [
    change(
      create('src', { ...src, ...HOIST, 'tasks.max': 1 }),
      status('src', 'RUNNING', 'RUNNING'),
      usedTopics('src', 'lines-{tag}'),
    ),
    ask(...create('src', SOURCE)),
    ask('GET', '/connectors'),
    ask('GET', '/connectors?expand=status'),
    ask('GET', '/connectors?expand=info'),
    ask('GET', '/connectors?expand=status&expand=info&expand=zz'),
    ask('GET', '/connectors/src'),
    ask('GET', '/connectors/src/'),
    ask('HEAD', '/connectors/src'),
    ask('GET', '/connectors/src/config'),
    ask('GET', '/connectors/src/status'),
    ask('GET', '/connectors/src/tasks'),
    ask('GET', '/connectors/src/tasks/0/status'),
    ask('GET', '/connectors/src/tasks/00/status'),
    ask('GET', '/connectors/src/tasks/1/status'),
    ask('GET', '/connectors/src/topics'),
    change(['PUT', '/connectors/src/pause'], status('src', 'PAUSED', 'PAUSED')),
    change(['PUT', '/connectors/src/pause'], status('src', 'PAUSED', 'PAUSED')),
    ask('GET', '/connectors/src/status'),
    ask('POST', '/connectors/src/restart?includeTasks=true&onlyFailed=true'),
    change(['PUT', '/connectors/src/resume'], status('src', 'RUNNING', 'RUNNING')),
    change(['PUT', '/connectors/src/resume'], status('src', 'RUNNING', 'RUNNING')),
    change(['POST', '/connectors/src/restart'], again('src', null, 'RUNNING'), status('src', 'RUNNING', 'RUNNING')),
    change(
      ['POST', '/connectors/src/restart?includeTasks=false&onlyFailed=false'],
      again('src', null, 'RUNNING'),
      status('src', 'RUNNING', 'RUNNING'),
    ),
    change(
      ['POST', '/connectors/src/restart?includeTasks=true'],
      again('src', 0, 'RUNNING'),
      again('src', null, 'RUNNING'),
      status('src', 'RUNNING', 'RUNNING'),
    ),
    change(['POST', '/connectors/src/restart?includeTasks=true&onlyFailed=true'], status('src', 'RUNNING', 'RUNNING')),
    change(['POST', '/connectors/src/restart?onlyFailed=true'], status('src', 'RUNNING', 'RUNNING')),
    change(
      ['POST', '/connectors/src/tasks/0/restart'],
      again('src', 0, 'RUNNING'),
      status('src', 'RUNNING', 'RUNNING'),
    ),
    ask('POST', '/connectors/src/tasks/7/restart'),
    change(['PUT', '/connectors/src/stop'], status('src', 'STOPPED')),
    ask('GET', '/connectors/src'),
    ask('GET', '/connectors/src/status'),
    ask('GET', '/connectors/src/tasks'),
    ask('GET', '/connectors/src/tasks/0/status'),
    ask('GET', '/connectors/src/topics'),
    change(['PUT', '/connectors/src/stop'], status('src', 'STOPPED')),
    change(['PUT', '/connectors/src/pause'], status('src', 'PAUSED')),
    ask('GET', '/connectors/src/status'),
    change(['PUT', '/connectors/src/resume'], status('src', 'RUNNING', 'RUNNING')),
    change(
      ['PUT', '/connectors/src/config', { ...src, 'batch.size': 7 }],
      taskConfig('src', 'batch.size', '7'),
      status('src', 'RUNNING', 'RUNNING'),
    ),
    ask('GET', '/connectors/src'),
    ask('GET', '/connectors/src/config'),
    ask('GET', '/connectors/src/tasks'),
    change(['DELETE', '/connectors/src'], gone('src')),
    ask('GET', '/connectors/src'),
    ask('GET', '/connectors/src/status'),
    ask('GET', '/connectors/src/topics'),
    ask('GET', '/connectors/src/tasks/0/status'),
    ask('DELETE', '/connectors/src'),
    ask('GET', '/connectors'),
  ],
];

const snk = 'snk-{tag}';
const SINKS: Group = [
  'the life of a sink with two tasks',
  [
    change(create(snk, { ...SINK, 'tasks.max': 2 }, { initial_state: 'stopped' }), status(snk, 'STOPPED')),
    ask('GET', `/connectors/${snk}/status`),
    ask('GET', `/connectors/${snk}`),
    change(
      ['PUT', `/connectors/${snk}/resume`],
      status(snk, 'RUNNING', 'RUNNING', 'RUNNING'),
      usedTopics(snk, 'lines-{tag}'),
    ),
    ask('GET', `/connectors/${snk}`),
    ask('GET', `/connectors/${snk}/tasks`),
    ask('GET', `/connectors/${snk}/topics`),
    change(
      ['POST', `/connectors/${snk}/tasks/1/restart`],
      again(snk, 1, 'RUNNING'),
      status(snk, 'RUNNING', 'RUNNING', 'RUNNING'),
    ),
    change(
      ['PUT', `/connectors/${snk}/config`, { ...SINK, 'tasks.max': 1 }],
      taskConfig(snk, 'tasks.max', '1'),
      status(snk, 'RUNNING', 'RUNNING'),
    ),
    ask('GET', `/connectors/${snk}/status`),
    ask('GET', `/connectors/${snk}/tasks/1/status`),
    change(
      ['PUT', `/connectors/${snk}/config`, { ...SINK, 'tasks.max': 3 }],
      taskConfig(snk, 'tasks.max', '3', 3),
      status(snk, 'RUNNING', 'RUNNING', 'RUNNING', 'RUNNING'),
    ),
    ask('GET', `/connectors/${snk}/status`),
    change(['DELETE', `/connectors/${snk}`], gone(snk)),
    ask('GET', `/connectors/${snk}/topics`),
  ],
];

const bad = 'bad-{tag}';
const JSON_CONVERTER = { 'value.converter': 'org.apache.kafka.connect.json.JsonConverter' };
const FAILING: Group = [
  'a task that fails, and a connector that does',
  [
    change(create(bad, { ...SINK, ...JSON_CONVERTER }), status(bad, 'RUNNING', 'FAILED')),
    ask('GET', `/connectors/${bad}/status`),
    ask('GET', `/connectors/${bad}/tasks/0/status`),
    change(['POST', `/connectors/${bad}/restart?onlyFailed=true`], status(bad, 'RUNNING', 'FAILED')),
    change(
      ['POST', `/connectors/${bad}/restart?includeTasks=true&onlyFailed=true`],
      again(bad, 0, 'FAILED'),
      status(bad, 'RUNNING', 'FAILED'),
    ),
    change(
      ['POST', `/connectors/${bad}/restart?includeTasks=true`],
      again(bad, 0, 'FAILED'),
      status(bad, 'RUNNING', 'FAILED'),
    ),
    change(['POST', `/connectors/${bad}/tasks/0/restart`], again(bad, 0, 'FAILED'), status(bad, 'RUNNING', 'FAILED')),
    change(['PUT', `/connectors/${bad}/pause`], status(bad, 'PAUSED', 'FAILED')),
    ask('GET', `/connectors/${bad}/status`),
    change(['PUT', `/connectors/${bad}/resume`], status(bad, 'RUNNING', 'FAILED')),
    change(['PUT', `/connectors/${bad}/stop`], status(bad, 'STOPPED')),
    change(['PUT', `/connectors/${bad}/config`, SINK], taskConfig(bad, 'x', 'y', 0), status(bad, 'STOPPED')),
    ask('GET', `/connectors/${bad}`),
    change(['PUT', `/connectors/${bad}/resume`], status(bad, 'RUNNING', 'RUNNING')),
    change(['DELETE', `/connectors/${bad}`], gone(bad)),
  ],
];

const ODD = "~ ()*!'$;:@=,&_-.";
const none = { ...SOURCE, file: '{dir}/none.txt' };
const NAMES: Group = [
  'names',
  [
    change(create('  spaces é and ü ', none, { initial_state: 'PAUSED' }), status('spaces é and ü', 'PAUSED')),
    ask('GET', '/connectors/spaces%20%C3%A9%20and%20%C3%BC'),
    ask('GET', '/connectors/spaces+%C3%A9+and+%C3%BC'),
    ask('GET', '/connectors/spaces%20%C3%A9%20and%20%C3%BC/status'),
    change(create('😀 "?#+', none), status('😀 "?#+', 'RUNNING', 'RUNNING')),
    ask('GET', `/connectors/${encodeURIComponent('😀 "?#+')}`),
    change(['PUT', `/connectors/${encodeURIComponent(ODD)}/config`, none], status(ODD, 'RUNNING', 'RUNNING')),
    change(['PUT', '/connectors/plus+plus/config', none], status('plus+plus', 'RUNNING', 'RUNNING')),
    ask('GET', '/connectors'),
    ask('GET', '/connectors?expand=info'),
    change(['DELETE', '/connectors/spaces%20%C3%A9%20and%20%C3%BC'], gone('spaces é and ü')),
    change(['DELETE', `/connectors/${encodeURIComponent('😀 "?#+')}`], gone('😀 "?#+')),
    change(['DELETE', '/connectors/plus+plus'], gone('plus+plus')),
    change(['DELETE', `/connectors/${encodeURIComponent(ODD)}`], gone(ODD)),
    ask('GET', '/connectors'),
  ],
];

/** Comes last: Java cannot be rid of them. */
const UNREACHABLE: Group = [
  'names that Java cannot reach',
  [
    differs(
      create('a/b', none),
      { status: 201, location: 'http://{worker}/connectors/a/b' },
      { status: 201, location: 'http://{worker}/connectors/a%2Fb' },
      'the address is one that can be used',
    ),
    differs(['GET', '/connectors/a/b'], { status: 404 }, { status: 404 }, 'that is another path'),
    differs(['GET', '/connectors/a%2Fb'], { status: 400 }, { status: 200, body: { name: 'a/b' } }, 'it can be had'),
    differs(['DELETE', '/connectors/a%2Fb'], { status: 400 }, { status: 204 }, 'it can be deleted'),
    ask(...create('50%', none, { initial_state: 'STOPPED' })),
    differs(['GET', '/connectors/50%25'], { status: 400 }, { status: 200, body: { name: '50%' } }, 'it can be had'),
    differs(['GET', '/connectors/%zz'], { status: 400 }, { status: 400 }, 'that is no text'),
  ],
];

const FULL_NAME = 'org.apache.kafka.connect.file.FileStreamSourceConnector';
const validation = (plugin: string, config: object) =>
  ['PUT', `/connector-plugins/${plugin}/config/validate`, config] as const;
const validate = (plugin: string, config: object) => ask(...validation(plugin, config));

const VALIDATE: Group = [
  'the validation of configs',
  [
    validate('FileStreamSource', { name: 'v', ...SOURCE }),
    validate('FileStreamSource', { name: 'v', ...src, ...HOIST }),
    validate('FileStreamSourceConnector', { name: 'v', ...SOURCE }),
    validate(FULL_NAME, { name: 'v', ...SOURCE, 'connector.class': FULL_NAME }),
    validate('FileStreamSource', { 'connector.class': 'FileStreamSource', 'producer.override.acks': 'all' }),
    validate('FileStreamSource', {
      name: 'v',
      ...SOURCE,
      'tasks.max': '0',
      'batch.size': '0',
      'errors.tolerance': 'x',
    }),
    validate('FileStreamSource', { name: '', ...SOURCE, topic: '' }),
    validate('FileStreamSource', {
      name: 'v',
      ...SOURCE,
      'exactly.once.support': 'maybe',
      'transaction.boundary': 'x',
      'offsets.storage.topic': '',
    }),
    validate('FileStreamSource', { name: 'v', ...SOURCE, 'key.converter': 'NoSuch' }),
    validate('FileStreamSource', {
      name: 'v',
      ...SOURCE,
      ...JSON_CONVERTER,
      'value.converter.schemas.enable': 'false',
    }),
    validate('FileStreamSource', { name: 'v', ...SOURCE, transforms: 'a', 'transforms.a.type': 'NoSuch' }),
    validate('FileStreamSource', { name: 'v', ...SOURCE, transforms: 'a' }),
    validate('FileStreamSource', {
      name: 'v',
      ...SOURCE,
      transforms: 'a,b',
      'transforms.a.type': `${PACKAGE}InsertField$Value`,
      'transforms.a.static.field': 'x',
      'transforms.a.predicate': 'p',
      'transforms.b.type': `${PACKAGE}Filter`,
      'transforms.b.predicate': 'p',
      'transforms.b.negate': 'true',
      predicates: 'p',
      'predicates.p.type': `${PACKAGE}predicates.TopicNameMatches`,
      'predicates.p.pattern': 'x.*',
    }),
    validate('FileStreamSource', { name: 'v', ...SOURCE, ...HOIST, 'transforms.mk.negate': 'true' }),
    validate('FileStreamSource', {
      name: 'v',
      ...SOURCE,
      'topic.creation.groups': 'g',
      'topic.creation.default.partitions': '3',
      'topic.creation.default.replication.factor': '1',
      'topic.creation.g.include': 'x.*',
    }),
    validate('FileStreamSource', { name: 'v', ...SOURCE, 'topic.creation.default.partitions': '3' }),
    validate('FileStreamSink', { name: 'v', ...SINK }),
    validate('FileStreamSink', { name: 'v', 'connector.class': 'FileStreamSink' }),
    validate('FileStreamSink', { name: 'v', ...SINK, 'topics.regex': 'x' }),
    validate('FileStreamSink', { name: 'v', 'connector.class': 'FileStreamSink', 'topics.regex': 'x.*' }),
    validate('FileStreamSink', { name: 'v', 'connector.class': 'FileStreamSink', 'topics.regex': '[' }),
    validate('FileStreamSink', { name: 'v', ...SINK, 'errors.deadletterqueue.topic.name': 'lines-{tag}' }),
    validate('FileStreamSink', {
      name: 'v',
      'connector.class': 'FileStreamSink',
      'topics.regex': 'x.*',
      'errors.deadletterqueue.topic.name': 'xy',
    }),
    validate('FileStreamSource', { 'connector.class': 'FileStreamSink' }),
    validate('NoSuch', { 'connector.class': 'FileStreamSink' }),
    validate('FileStreamSource', { 'connector.class': 'NoSuch' }),
    ask('PUT', '/connector-plugins/FileStreamSource/config/validate/', { name: 'v', ...SOURCE }),
    differs(
      validation('FileStreamSource', { ...SOURCE, ...JSON_CONVERTER, 'value.converter.schemas.enable': 'perhaps' }),
      { status: 200, body: { error_count: 2 } },
      { status: 200, body: { error_count: 2 } },
      "Java's message leaves the prefix of the key out: Invalid value perhaps for configuration schemas.enable",
    ),
    validate('FileStreamSink', { name: 'v', ...SINK, 'consumer.override.max.poll.records': '5' }),
    better(validation('NoSuch', { 'connector.class': 'NoSuch' }), /^Failed to find any class/),
    better(validation('FileStreamSource', {}), /contains no connector type/),
    better(['PUT', '/connector-plugins/FileStreamSource/config/validate', '{bad'], /not valid JSON/),
    differs(
      validation(FULL_NAME, { name: 'v', ...SOURCE }),
      { status: 400, body: { message: /does not match request type/ } },
      { status: 200, body: { error_count: 0 } },
      'an alias and the full name are the same connector',
    ),
    differs(
      validation('FileStreamSource', { name: 'v', ...SOURCE, 'tasks.max': 'abc' }),
      { status: 200, body: { error_count: 2 } },
      { status: 200, body: { error_count: 1 } },
      'Java reports a wrong number twice, the second time as null',
    ),
    differs(
      validation('FileStreamSource', { name: 'v', ...SOURCE, ...HOIST, transforms: 'mk,mk' }),
      { status: 200, body: { error_count: 1 } },
      { status: 200, body: { error_count: 0 } },
      'lists drop what is repeated, as in 4.3',
    ),
    differs(
      validation('FileStreamSource', { name: 'v', ...SOURCE, ...HOIST, 'transforms.mk.predicate': 'nope' }),
      { status: 200, body: { error_count: 0 } },
      { status: 200, body: { error_count: 1 } },
      'Java takes a predicate that does not exist and fails when it starts the task',
    ),
    differs(
      validation('FileStreamSource', {
        name: 'v',
        ...SOURCE,
        ...HOIST,
        'transforms.mk.type': 'HoistField$Value',
      }),
      { status: 200, body: { error_count: 1 } },
      { status: 200, body: { error_count: 0 } },
      'a transform has its short name too',
    ),
  ],
];

export const GROUPS: readonly Group[] = [EMPTY, UNKNOWN, BAD, LIFE, SINKS, FAILING, NAMES, VALIDATE, UNREACHABLE];
