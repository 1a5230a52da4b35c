import { RetriableError } from '@tributary/api';
import t from 'tap';
import { TaskMetrics } from '../../src/metrics/task-metrics.ts';
import {
  describeFailure,
  ErrorHandler,
  type ErrorPolicy,
  type Failure,
  retryDelay,
  SKIPPED,
} from '../../src/pipeline/errors.ts';

const POLICY: ErrorPolicy = {
  'errors.tolerance': 'none',
  'errors.retry.timeout': 0,
  'errors.retry.delay.max.ms': 60_000,
  'errors.log.enable': false,
  'errors.log.include.messages': false,
};
const FAILURE: Failure = {
  stage: 'VALUE_CONVERTER',
  plugin: 'some.Converter',
  error: new Error('not JSON'),
  place: { topic: 't', partition: 3, offset: 42 },
  record: {
    topic: 't',
    partition: 3,
    key: 'k',
    keySchema: null,
    value: 'confidential',
    valueSchema: null,
    timestamp: null,
    headers: [],
  },
};

function handler(policy: Partial<ErrorPolicy>) {
  const metrics = new TaskMetrics('sink');
  const lines: unknown[] = [];
  const note = (message: string, fields?: unknown): void => void lines.push([message, fields]);
  const log = { trace: note, debug: note, info: note, warn: note, error: note };
  const errors = new ErrorHandler(
    { ...POLICY, ...policy },
    { connector: 'c', task: 1 },
    log,
    metrics,
    new AbortController().signal,
  );
  return { errors, metrics: () => metrics.data().counters, lines };
}

t.test('without tolerance the message has the cause first, then the place, then what to do', async (t) => {
  const { errors, metrics } = handler({});
  await t.rejects(
    errors.handle(FAILURE, () => null),
    {
      message:
        'not JSON [connector c, task 1, stage VALUE_CONVERTER (some.Converter), topic t, partition 3, offset 42]. To pass such records by, set errors.tolerance=all',
      cause: FAILURE.error,
    },
  );
  t.match(metrics(), { 'total-record-failures': 1, 'total-record-errors': 1, 'total-records-skipped': 0 });
});

t.test('with tolerance the record is passed by, and logged without its content unless asked', async (t) => {
  const { errors, metrics, lines } = handler({ 'errors.tolerance': 'all', 'errors.log.enable': true });
  t.equal(await errors.handle(FAILURE, () => null), SKIPPED);
  t.match(metrics(), { 'total-records-skipped': 1, 'total-errors-logged': 1 });
  t.match(JSON.stringify(lines), /offset 42/);
  t.notMatch(JSON.stringify(lines), /confidential/);
});

t.test('the content of a record is logged as text where asked for, bytes that are no text in Base64', (t) => {
  const { errors, lines } = handler({
    'errors.tolerance': 'all',
    'errors.log.enable': true,
    'errors.log.include.messages': true,
  });
  const record = {
    topic: 't',
    partition: 3,
    offset: 42,
    timestamp: 0,
    timestampType: 'CreateTime',
    key: Buffer.from('k\u00e9'),
    value: Uint8Array.of(255, 0),
    headers: [{ key: 'h', value: null }],
  } as const;
  errors.failed({ ...FAILURE, record });
  t.match(lines, [[/offset 42/, { key: 'k\u00e9', value: 'base64:/wA=', headers: [['h', null]] }]]);
  t.end();
});

t.test('what may pass is tried again until it works', async (t) => {
  const { errors, metrics } = handler({ 'errors.retry.timeout': 10_000, 'errors.retry.delay.max.ms': 1 });
  let tries = 0;
  const result = await errors.handle({ ...FAILURE, error: new RetriableError('busy') }, () => {
    if (++tries < 3) throw new RetriableError('still busy');
    return 'done';
  });
  t.equal(result, 'done');
  t.equal(metrics()['total-retries'], 3);
});

t.test('what cannot pass is not tried again', async (t) => {
  const { errors } = handler({ 'errors.retry.timeout': 10_000 });
  await t.rejects(
    errors.handle(FAILURE, () => t.fail('tried again')),
    /not JSON/,
  );
});

t.test('pauses double from 300 ms up to the limit, with jitter there', (t) => {
  t.same(
    [1, 2, 3].map((attempt) => retryDelay(attempt, 60_000)),
    [300, 600, 1200],
  );
  t.equal(
    retryDelay(20, 1_000, () => 0),
    500,
  );
  t.equal(
    retryDelay(20, 1_000, () => 1),
    1_000,
  );
  t.end();
});

t.test('a message does not hold a long source offset whole', async (t) => {
  const place = { topic: 't', partition: null, offset: null, sourceOffset: { read: 'x'.repeat(100_000) } };
  const message = describeFailure(new Error('bad'), { connector: 'c', task: 0, place });
  t.match(message, /^bad \[connector c, task 0, topic t, source offset \{"read":"x{491}… \(100011 characters\)\]$/);
});
