import t from 'tap';
import { type Destination, verdict } from '../../src/http/answer.ts';
import type { InfluxFault } from '../../src/http/fault.ts';
import { rejectionOf } from '../../src/http/rejection.ts';

const BUCKET: Destination = { kind: 'bucket', name: 'ticks', org: 'desk' };
const DATABASE: Destination = { kind: 'database', name: 'ticks', org: null };

const faultOf = (
  status: number,
  body = '',
  to = BUCKET,
  retryAfter?: string,
): Pick<InfluxFault, 'fault' | 'key' | 'message'> => {
  try {
    verdict({ status, body, retryAfter }, to);
  } catch (error) {
    return error as InfluxFault;
  }
  throw new Error('no fault');
};

t.test('what is stored is stored', async (t) => {
  t.equal(verdict({ status: 204, body: '', retryAfter: undefined }, BUCKET), null);
  t.equal(verdict({ status: 200, body: '', retryAfter: undefined }, BUCKET), null);
});

t.test('faults name the key to look at', async (t) => {
  t.match(faultOf(401, '{"code":"unauthorized","message":"unauthorized access"}'), {
    fault: { kind: 'fatal' },
    key: 'influxdb.token',
    message: /does not accept the credentials \(401: unauthorized access\): check influxdb.token/,
  });
  t.match(faultOf(403, '{"code":"forbidden","message":"insufficient permissions for write"}'), {
    fault: { kind: 'fatal' },
    key: 'influxdb.token',
    message:
      /Writing to the bucket 'ticks' is not allowed \(403: insufficient permissions for write\): give influxdb.token the permission/,
  });
  t.match(faultOf(404, '{"code":"not found","message":"bucket \\"ticks\\" not found"}'), {
    fault: { kind: 'transient' },
    key: 'influxdb.bucket',
    message: /no bucket 'ticks' in the organization 'desk'/,
  });
  t.match(faultOf(404, '{"code":"not found","message":"organization name \\"desk\\" not found"}'), {
    key: 'influxdb.org',
  });
  t.match(faultOf(400, '{"code":"invalid","message":"Please provide either orgID or org"}'), {
    fault: { kind: 'fatal' },
    key: 'influxdb.org',
  });
  t.match(faultOf(404, '{"error":"database not found: \\"ticks\\""}', DATABASE), { key: 'influxdb.database' });
  t.match(faultOf(404, '{"code":"not found","message":"no dbrp mapping found"}', DATABASE), {
    key: 'influxdb.database',
  });
  t.match(faultOf(401, '{"error":"authorization failed"}', DATABASE), { key: 'influxdb.username' });
  t.match(faultOf(404, '<html>no such page</html>'), { fault: { kind: 'fatal' }, key: 'influxdb.url' });
  t.match(faultOf(302), { fault: { kind: 'fatal' }, key: 'influxdb.url' });
});

t.test('what passes is told from what does not, with the pause that is asked for', async (t) => {
  t.match(faultOf(429, '{"code":"too many requests","message":"wait"}', BUCKET, '7').fault, {
    kind: 'transient',
    retryAfterMs: 7000,
  });
  t.match(faultOf(503, '', BUCKET, '3').fault, { kind: 'down', retryAfterMs: 3000 });
  t.match(faultOf(500).fault, { kind: 'transient', retryAfterMs: undefined });
  for (const status of [502, 503, 504]) t.equal(faultOf(status).fault.kind, 'down');
});

t.test('rejections tell which lines are meant, each store in its own way', async (t) => {
  t.match(
    rejectionOf(
      400,
      JSON.stringify({
        code: 'invalid',
        message: "unable to parse 'm f=x 2': invalid boolean\nunable to parse 'a': b': missing tag value",
      }),
    ),
    {
      quoted: [
        { line: 'm f=x 2', reason: 'invalid boolean' },
        { line: "a': b", reason: 'missing tag value' },
      ],
      lines: [],
      dropped: null,
    },
    'InfluxDB 2 and 1',
  );
  t.match(
    rejectionOf(
      422,
      JSON.stringify({
        message:
          'failure writing points to database: partial write: field type conflict: input field "f" on measurement "m" is type integer, already exists as type float dropped=3',
      }),
    ),
    { lines: [], quoted: [], dropped: 3 },
    'InfluxDB 2, partial write',
  );
  t.match(
    rejectionOf(
      400,
      JSON.stringify({
        error: 'partial write of line protocol occurred',
        data: [{ original_line: 'x', line_number: 2, error_message: 'invalid column type' }],
      }),
    ),
    { lines: [1], message: 'partial write of line protocol occurred: invalid column type' },
    'InfluxDB 3',
  );
  t.match(
    rejectionOf(
      400,
      JSON.stringify({
        code: 'invalid',
        message:
          'failed to parse line protocol:errors encountered on line(s):\nerror in line 3: table: m, column: f; cast error',
        line: 3,
      }),
    ),
    { lines: [2] },
    'QuestDB',
  );
  t.match(
    rejectionOf(
      422,
      JSON.stringify({
        message:
          'failure writing points to database: partial write: field type conflict: input field "a dropped=2 line 1" on measurement "m" is type integer, already exists as type float dropped=1',
      }),
    ),
    { dropped: 1, refused: [] },
    'names may be anything',
  );
  t.match(rejectionOf(413, 'too large'), { tooLarge: true, message: 'too large' });
});
