import { createRequire } from 'node:module';
import { Client } from 'cassandra-driver';
import t from 'tap';
import { RowWriter } from '../src/codec/row-writer.ts';
import { takeEncodedBatches } from '../src/store/encoded-batches.ts';

interface Request {
  length: number;
  write(encoder: unknown, streamId: number): Buffer;
  clone(): Request;
}

const driver = createRequire(createRequire(import.meta.url).resolve('cassandra-driver'));
const { BatchRequest } = driver('./lib/requests.js') as {
  BatchRequest: new (queries: unknown, options: unknown) => Request;
};
const Encoder = driver('./lib/encoder.js') as new (version: number, options: object) => object;

/** As the driver's own, as far as requests ask them. */
const options = {
  getOrGenerateTimestamp: () => null,
  getHints: () => null,
  isBatchCounter: () => false,
  isBatchLogged: () => false,
  isQueryTracing: () => false,
  getCustomPayload: () => null,
  getConsistency: () => 6,
  getSerialConsistency: () => null,
  getKeyspace: () => null,
};

const statement = (fill: number, rows: readonly (readonly Buffer[])[]) =>
  rows.map((params) => ({ query: 'q', queryId: Buffer.alloc(16, fill), params, meta: { columns: [{}, {}] } }));

const INSERTS = [
  [Buffer.from('a'), Buffer.alloc(300, 1)],
  [Buffer.from('b'), Buffer.alloc(0)],
];
const DELETES = [[Buffer.from('c')]];

const encodedRow = (values: readonly Buffer[]): Buffer => {
  const writer = new RowWriter();
  writer.begin(values.length);
  for (const value of values) writer.bytes(value);
  return writer.take();
};

t.test('frames are those that the driver makes of the same rows', async (t) => {
  const client = new Client({ contactPoints: ['127.0.0.1'], localDataCenter: 'x' }) as unknown as {
    _createBatchRequest(queries: unknown, options: unknown): Promise<Request>;
  };
  takeEncodedBatches(client as unknown as Client);
  const encoded = await client._createBatchRequest(
    [
      { query: 'q', queryId: Buffer.alloc(16, 7), params: INSERTS.map(encodedRow) },
      { query: 'q', queryId: Buffer.alloc(16, 9), params: DELETES.map(encodedRow) },
    ],
    options,
  );
  const own = new BatchRequest([...statement(7, INSERTS), ...statement(9, DELETES)], options);
  for (const version of [3, 4, 0x41, 0x42]) {
    const encoder = Object.assign(new Encoder(version, {}), { protocolVersion: version });
    const expected = own.write(encoder, 300).toString('hex');
    t.equal(encoded.write(encoder, 300).toString('hex'), expected, `version ${version}`);
    t.equal(encoded.clone().clone().write(encoder, 300).toString('hex'), expected, `version ${version}, again`);
    t.equal(encoded.length, own.length);
  }
});
