import t from 'tap';
import { testWorker } from '../support/worker.ts';

const PLAIN = {
  'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter.schemas.enable': 'false',
};
const reference = (name: string): string => `\${env:${name}}`;
const TRANSFORMS = 'org.apache.kafka.connect.transforms';

t.test('a dry run over REST', async (t) => {
  process.env.TRIBUTARY_TEST_PREVIEW = 'top-secret-value';
  const { call } = await testWorker(t, {
    'config.providers': 'env',
    'config.providers.env.class': 'org.apache.kafka.common.config.provider.EnvVarConfigProvider',
  });
  const preview = (config: object, records: unknown) => call('POST', '/ext/preview', { config, records });

  t.test('shows what a sink would get, and what each transform made of it', async (t) => {
    const config = {
      ...PLAIN,
      transforms: 'route,mark',
      'transforms.route.type': `${TRANSFORMS}.RegexRouter`,
      'transforms.route.regex': 'raw-(.*)',
      'transforms.route.replacement': 'clean-$1',
      'transforms.mark.type': `${TRANSFORMS}.InsertField$Value`,
      'transforms.mark.offset.field': 'at',
    };
    const { status, json } = await preview(config, [
      {
        topic: 'raw-quotes',
        partition: 3,
        offset: 7,
        timestamp: 1700000000000,
        key: 'SAP',
        value: '{"price":101.5}',
        headers: [
          { key: 'from', value: 'é' },
          { key: 'none', value: null },
        ],
      },
    ]);
    t.equal(status, 200);
    const headers = [
      { key: 'from', value: 'é' },
      { key: 'none', value: null },
    ];
    t.strictSame(json, {
      records: [
        {
          input: 0,
          outcome: 'emitted',
          topic: 'clean-quotes',
          partition: 3,
          timestamp: 1700000000000,
          key: 'SAP',
          value: '{"price":101.5,"at":7}',
          headers,
          steps: [
            { transform: 'route', topic: 'clean-quotes', key: 'SAP', value: '{"price":101.5}', headers },
            { transform: 'mark', topic: 'clean-quotes', key: 'SAP', value: '{"price":101.5,"at":7}', headers },
          ],
        },
      ],
    });
  });

  t.test('leaves steps out whose predicate does not hold, and says what dropped a record', async (t) => {
    const config = {
      ...PLAIN,
      transforms: 'drop,hoist',
      predicates: 'tombstone',
      'predicates.tombstone.type': `${TRANSFORMS}.predicates.RecordIsTombstone`,
      'transforms.drop.type': `${TRANSFORMS}.Filter`,
      'transforms.drop.predicate': 'tombstone',
      'transforms.hoist.type': `${TRANSFORMS}.HoistField$Value`,
      'transforms.hoist.field': 'x',
    };
    const { json } = await preview(config, [
      { topic: 't', key: 'k', value: null },
      { topic: 't', value: '1' },
    ]);
    t.match(json.records, [
      { input: 0, outcome: 'filtered', key: 'k', value: null, steps: [], transform: 'drop', error: undefined },
      { input: 1, outcome: 'emitted', key: null, value: '{"x":1}', steps: [{ transform: 'hoist', value: '{"x":1}' }] },
    ]);
    t.equal(json.records[1].steps.length, 1);
  });

  t.test('names the stage of a failure and goes on with the next record', async (t) => {
    const config = {
      ...PLAIN,
      'key.converter': 'org.apache.kafka.connect.converters.LongConverter',
      transforms: 'pick',
      'transforms.pick.type': `${TRANSFORMS}.ExtractField$Value`,
      'transforms.pick.field': 'a',
    };
    const { json } = await preview(config, [
      { topic: 't', key: 'short', value: '{"a":1}' },
      { topic: 't', value: '{"a":' },
      { topic: 't', value: '[1]' },
      { topic: 't', key: { base64: 'AAAAAAAAACo=' }, value: '{"a":1}' },
    ]);
    t.match(json.records, [
      {
        outcome: 'failed',
        key: 'short',
        value: '{"a":1}',
        error: { stage: 'KEY_CONVERTER', message: /LongDeserializer/ },
      },
      { outcome: 'failed', value: '{"a":', error: { stage: 'VALUE_CONVERTER', message: /not valid JSON/i } },
      {
        outcome: 'failed',
        value: '[1]',
        transform: 'pick',
        error: { stage: 'TRANSFORMATION', message: /ExtractField/ },
      },
      { outcome: 'emitted', key: '\0\0\0\0\0\0\0*', value: '1' },
    ]);
  });

  t.test('bytes that are not UTF-8 come and go as base64', async (t) => {
    const converter = 'org.apache.kafka.connect.converters.ByteArrayConverter';
    const config = { 'key.converter': converter, 'value.converter': converter, 'header.converter': converter };
    const bytes = { base64: Buffer.from([0xff, 0x00]).toString('base64') };
    const { json } = await preview(config, [
      { topic: 't', key: bytes, value: { base64: 'YQ==' }, headers: [{ key: 'h', value: bytes }] },
    ]);
    t.match(json.records, [{ outcome: 'emitted', key: bytes, value: 'a', headers: [{ key: 'h', value: bytes }] }]);
  });

  t.test("takes the worker's converters where the config names none", async (t) => {
    const value = '{"schema":{"type":"int32","optional":false},"payload":5}';
    const { json } = await preview({ 'errors.tolerance': 'all', file: 'x' }, [{ topic: 't', value }]);
    t.match(json.records, [{ outcome: 'emitted', value, steps: [] }]);
  });

  t.test('gives transforms the records of a source where it is asked to', async (t) => {
    const config = {
      ...PLAIN,
      direction: 'source',
      transforms: 'mark',
      'transforms.mark.type': `${TRANSFORMS}.InsertField$Value`,
      'transforms.mark.offset.field': 'at',
    };
    const { json } = await preview(config, [{ topic: 't', value: '{}' }]);
    t.match(json.records, [{ outcome: 'failed', partition: null, error: { stage: 'TRANSFORMATION' } }]);
    const topic = { ...config, 'transforms.mark.offset.field': '', 'transforms.mark.topic.field': 'topic' };
    delete (topic as Record<string, string>)['transforms.mark.offset.field'];
    const answer = await preview(topic, [{ topic: 't', value: '{}' }]);
    t.match(answer.json.records, [{ outcome: 'emitted', partition: null, timestamp: null, value: '{"topic":"t"}' }]);
  });

  t.test('references are looked up, and what they stand for is not in the answer', async (t) => {
    const insert = {
      ...PLAIN,
      transforms: 'mark,route',
      'transforms.mark.type': `${TRANSFORMS}.InsertField$Value`,
      'transforms.mark.static.field': 'secret',
      'transforms.mark.static.value': `<${reference('TRIBUTARY_TEST_PREVIEW')}>`,
      'transforms.route.type': `${TRANSFORMS}.RegexRouter`,
      'transforms.route.regex': 'top-secret-value',
      'transforms.route.replacement': 'found',
    };
    const { json, text } = await preview(insert, [{ topic: 't', value: '{}' }]);
    t.match(json.records, [{ outcome: 'emitted', value: `{"secret":"<${reference('TRIBUTARY_TEST_PREVIEW')}>"}` }]);
    t.notMatch(text, 'top-secret-value');
    const refused = await preview({ ...PLAIN, transforms: reference('TRIBUTARY_TEST_PREVIEW') }, []);
    t.equal(refused.status, 400);
    t.notMatch(refused.text, 'top-secret-value');
    const missing = await preview({ ...PLAIN, 'value.converter.x': reference('TRIBUTARY_TEST_NOTHING') }, []);
    t.match(missing, { status: 400, json: { message: /TRIBUTARY_TEST_NOTHING/ } });
  });

  t.test('a wrong config is refused with every mistake', async (t) => {
    const { status, json } = await preview(
      {
        'errors.tolerance': 'some',
        'value.converter': 'NoConverter',
        'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
        'key.converter.decimal.format': 'HEX',
        transforms: 'a,b',
        'transforms.a.type': 'NoTransform',
        'transforms.b.type': `${TRANSFORMS}.HoistField$Value`,
        'transforms.b.predicate': 'nobody',
      },
      [],
    );
    t.equal(status, 400);
    for (const part of [
      'errors.tolerance',
      'NoConverter',
      'key.converter.decimal.format',
      'Class NoTransform could not be found',
      'transforms.b.field',
      'nobody',
    ]) {
      t.match(json.message, part);
    }
  });

  t.test('a wrong request is refused with the record and the field', async (t) => {
    const cases: readonly (readonly [body: unknown, message: RegExp])[] = [
      [[], /must be a JSON object/],
      [{ records: [] }, /"config" is missing/],
      [{ config: {} }, /"records" is missing/],
      [{ config: {}, records: [], extra: 1 }, /unknown field "extra".*"config", "records"/],
      [{ config: { direction: 'up' }, records: [] }, /"direction" is "up", but must be sink or source/],
      [{ config: { transforms: ['a'] }, records: [] }, /'transforms' is a JSON array/],
      [{ config: {}, records: ['x'] }, /records\[0\] is "x"/],
      [{ config: {}, records: [{ topic: 't' }, {}] }, /records\[1\]\.topic is missing/],
      [{ config: {}, records: [{ topic: 't', partition: -1 }] }, /records\[0\]\.partition is -1/],
      [{ config: {}, records: [{ topic: 't', timestamp: 'now' }] }, /records\[0\]\.timestamp is "now"/],
      [{ config: {}, records: [{ topic: 't', value: { a: 1 } }] }, /records\[0\]\.value is an object.*given as text/],
      [{ config: {}, records: [{ topic: 't', key: { base64: '?' } }] }, /records\[0\]\.key\.base64 is "\?"/],
      [{ config: {}, records: [{ topic: 't', key: '\ud800' }] }, /records\[0\]\.key has half a surrogate/],
      [{ config: {}, records: [{ topic: 't', val: 1 }] }, /records\[0\] has the unknown field "val"/],
      [{ config: {}, records: [{ topic: 't', headers: [{ key: 1 }] }] }, /records\[0\]\.headers\[0\]\.key is 1/],
      [{ config: {}, records: Array(1001).fill({ topic: 't' }) }, /1001 records.*1000/],
    ];
    for (const [body, message] of cases) {
      const { status, json } = await call('POST', '/ext/preview', body);
      t.equal(status, 400, JSON.stringify(body).slice(0, 80));
      t.match(json, { error_code: 400, message });
    }
    const two = await call('POST', '/ext/preview', { config: {}, records: [{}, { topic: 't', offset: 1.5 }] });
    t.match(two.json.message, /records\[0\]\.topic is missing\nrecords\[1\]\.offset is 1\.5/);
    t.equal((await call('GET', '/ext/preview')).status, 405);
  });
});
