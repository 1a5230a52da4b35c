import { gone, offsets, status } from '../pair.ts';
import { ask, better, change, differs, type Group, type Step } from '../steps.ts';
import { create, SINK, SOURCE, src } from './configs.ts';

const FILE = { filename: '{dir}/in.txt' };
const patch = (name: string, ...entries: readonly unknown[]) =>
  ['PATCH', `/connectors/${name}/offsets`, { offsets: entries }] as const;

/** Bodies that are no offsets at all. */
const MALFORMED: ReadonlyArray<readonly [body: string, message: RegExp]> = [
  ['', /must be a JSON object/],
  ['null', /must be a JSON object/],
  ['[]', /must be a JSON object/],
  ['{"offsets":{}}', /must be a list/],
  ['{"offsets":"x"}', /must be a list/],
  ['{"offsets":[1]}', /must be a JSON object/],
  ['{"offsets":[null]}', /must be a JSON object/],
  ['{"offsets":[{"partition":{"filename":"x"},"offset":null}],"foo":1}', /Unrecognized field "foo"/],
  ['{"offsets":[{"partition":{"filename":"x"},"offset":null,"foo":1}]}', /Unrecognized field "foo"/],
  ['{"offsets":[{"partition":"x","offset":null}]}', /Each "partition" must be a JSON object/],
  ['{"offsets":[{"partition":{"filename":"x"},"offset":7}]}', /Each "offset" must be a JSON object/],
  ['{"offsets":', /not valid JSON/],
];

const EMPTY_BODIES = ['{}', '{"offsets":null}', '{"offsets":[]}'];

/** What a file source says of offsets that it cannot take: 500 in Java, 400 here, in the same words. */
const SOURCE_REFUSES: ReadonlyArray<readonly [partition: unknown, offset: unknown, message: string]> = [
  [FILE, {}, "Offset objects should either be null or contain the key 'position'"],
  [FILE, { position: '7' }, "The value for the 'position' key in the offset is expected to be a Long value"],
  [FILE, { position: null }, "The value for the 'position' key in the offset is expected to be a Long value"],
  [FILE, { position: 1.5 }, "The value for the 'position' key in the offset is expected to be a Long value"],
  [FILE, { position: -1 }, "The value for the 'position' key in the offset should be a non-negative value"],
  [{ bad: 'x' }, { position: 1 }, "Partition objects should contain the key 'filename'"],
  [
    { filename: { a: 1 } },
    { position: 1 },
    'Offsets may only contain primitive types as values, but field filename contains MAP',
  ],
  [
    { filename: ['a'] },
    { position: 1 },
    'Offsets may only contain primitive types as values, but field filename contains ARRAY',
  ],
];

const refused = (send: Step['send'], message: string): Step =>
  differs(
    send,
    { status: 500, body: { error_code: 500, message } },
    { status: 400, body: { error_code: 400, message } },
    'a mistake of the caller is not an error of the server',
  );

export const SOURCE_OFFSETS: Group = [
  'the offsets of a source',
  [
    change(create('off', src), status('off', 'RUNNING', 'RUNNING'), offsets('off', [FILE, { position: 14 }])),
    ask('GET', '/connectors/off/offsets'),
    ask('GET', '/connectors/off/offsets/'),
    ask('HEAD', '/connectors/off/offsets'),
    ask('OPTIONS', '/connectors/off/offsets'),
    ask('PUT', '/connectors/off/offsets', {}),
    ask('POST', '/connectors/off/offsets', {}),
    ask(...patch('off', { partition: FILE, offset: null })),
    ask('DELETE', '/connectors/off/offsets'),
    change(['PUT', '/connectors/off/pause'], status('off', 'PAUSED', 'PAUSED')),
    ask(...patch('off', { partition: FILE, offset: null })),
    change(['PUT', '/connectors/off/stop'], status('off', 'STOPPED')),
    ask('GET', '/connectors/off/offsets'),
    ...MALFORMED.map(([body, message]) => better(['PATCH', '/connectors/off/offsets', body], message)),
    ...EMPTY_BODIES.map((body) => ask('PATCH', '/connectors/off/offsets', body)),
    ...SOURCE_REFUSES.map(([partition, offset, message]) => refused(patch('off', { partition, offset }), message)),
    differs(
      patch('off', {}),
      { status: 200 },
      { status: 400, body: { message: 'The partition of a source offset cannot be null or missing' } },
      'Java writes the offset of no partition',
    ),
    ask('PATCH', '/connectors/off/offsets', 'x', { 'content-type': 'text/plain' }),
    ask(...patch('off', { partition: FILE, offset: { position: 4 } })),
    ask('GET', '/connectors/off/offsets'),
    ask(...patch('off', { partition: FILE, offset: { position: 9_007_199_254_740_991 } })),
    ask('PATCH', '/connectors/off/offsets?forward=false', {
      offsets: [{ partition: FILE, offset: { position: 4, more: 'x', flag: true } }],
    }),
    ask('PATCH', '/connectors/off/offsets/', '{"offsets":[{"partition":{"b":1,"a":true,"c":null},"offset":null}]}'),
    ask(
      'PATCH',
      '/connectors/off/offsets',
      '{"offsets":[{"partition":{"filename":"/big"},"offset":{"position":9007199254740993}}]}',
    ),
    ask(...patch('off', { partition: { filename: 'other' }, offset: { position: 1 } })),
    ask('GET', '/connectors/off/offsets'),
    ask(
      ...patch(
        'off',
        { partition: { filename: 'other' }, offset: { position: 2 } },
        { partition: { filename: '/big' } },
        { partition: { filename: 'other' }, offset: { position: 3 } },
      ),
    ),
    ask('GET', '/connectors/off/offsets'),
    change(
      ['PUT', '/connectors/off/resume'],
      offsets('off', [FILE, { position: 14 }], [{ filename: 'other' }, { position: 3 }]),
    ),
    change(['DELETE', '/connectors/off'], gone('off')),
    ask('GET', '/connectors/off/offsets'),
    change(create('off', src, { initial_state: 'stopped' }), status('off', 'STOPPED')),
    ask('GET', '/connectors/off/offsets'),
    ask('DELETE', '/connectors/off/offsets'),
    ask('GET', '/connectors/off/offsets'),
    ask('DELETE', '/connectors/off/offsets?forward=true'),
    change(['DELETE', '/connectors/off'], gone('off')),
    change(create('stdin', SOURCE, { initial_state: 'STOPPED' }), status('stdin', 'STOPPED')),
    refused(
      patch('stdin', { partition: FILE, offset: { position: 1 } }),
      "Offsets cannot be modified if the 'file' configuration is unspecified. This is because stdin is used for input and offsets are not tracked.",
    ),
    change(['DELETE', '/connectors/stdin'], gone('stdin')),
    ask('GET', '/connectors/nope/offsets'),
    ask('DELETE', '/connectors/nope/offsets'),
    ask(...patch('nope', { partition: FILE, offset: null })),
    ask('PATCH', '/connectors/nope/offsets', {}),
  ],
];

const sink = 'soff-{tag}';
const at = (kafka_partition: unknown, kafka_topic: unknown = 'lines-{tag}') => ({ kafka_topic, kafka_partition });
const SINK_REFUSES: ReadonlyArray<readonly [partition: unknown, offset: unknown]> = [
  [null, null],
  [{}, null],
  [{ kafka_topic: 'x' }, null],
  [{ kafka_partition: 0 }, null],
  [at(0, null), null],
  [at(null), null],
  [at('x'), null],
  [at(1.5), null],
  [at(''), null],
  [at(true), null],
  [at(2_147_483_648), null],
  [at(0), {}],
  [at(0), { kafka_offset: null }],
  [at(0), { kafka_offset: 'x' }],
  [at(0), { kafka_offset: false }],
];
const failed = (send: Step['send'], message: RegExp): Step =>
  differs(
    send,
    { status: 500, body: { message: /^Failed to (alter consumer group|modify) offsets for / } },
    { status: 400, body: { message } },
    'the message says what is wrong',
  );

export const SINK_OFFSETS: Group = [
  'the offsets of a sink',
  [
    change(create('feed', src), status('feed', 'RUNNING', 'RUNNING'), offsets('feed', [FILE, { position: 14 }])),
    change(create(sink, SINK), status(sink, 'RUNNING', 'RUNNING'), offsets(sink, [at(0), { kafka_offset: Number }])),
    ask('DELETE', `/connectors/${sink}/offsets`),
    change(['PUT', `/connectors/${sink}/stop`], status(sink, 'STOPPED')),
    ask(...patch(sink, { partition: at('0'), offset: { kafka_offset: '+2' } })),
    ask('GET', `/connectors/${sink}/offsets`),
    ask(...patch(sink, { partition: { ...at(0), more: {} }, offset: { kafka_offset: 1, more: [] } })),
    ask('GET', `/connectors/${sink}/offsets`),
    ask(...patch(sink, { partition: at(0), offset: { kafka_offset: 99 } })),
    ask('GET', `/connectors/${sink}/offsets`),
    ...SINK_REFUSES.map(([partition, offset]) => ask(...patch(sink, { partition, offset }))),
    failed(patch(sink, { partition: at(0), offset: { kafka_offset: -1 } }), /is negative/),
    failed(patch(sink, { partition: at(7), offset: { kafka_offset: 1 } }), /has no partition 7/),
    failed(patch(sink, { partition: at(-1), offset: { kafka_offset: 1 } }), /has no partition -1/),
    failed(patch(sink, { partition: at(0, 'no-such-topic'), offset: { kafka_offset: 1 } }), /no topic 'no-such-topic'/),
    ask(...patch(sink, { partition: at(0), offset: null })),
    ask('GET', `/connectors/${sink}/offsets`),
    ask('DELETE', `/connectors/${sink}/offsets`),
    ask('DELETE', `/connectors/${sink}/offsets`),
    differs(
      patch(sink, { partition: at(0), offset: null }),
      { status: 500 },
      { status: 200 },
      'what has no offset is as it should be after a reset',
    ),
    change(['DELETE', `/connectors/${sink}`], gone(sink)),
    change(['DELETE', '/connectors/feed'], gone('feed')),
  ],
];
