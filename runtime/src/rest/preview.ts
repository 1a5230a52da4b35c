import { isUtf8 } from 'node:buffer';
import { type Previewed, type PreviewState, type PreviewStep, preview } from '../pipeline/preview.ts';
import { json, operation } from './operation.ts';
import { MAX_RECORDS, previewBody } from './preview-body.ts';
import { type JsonSchema, listOf, NULLABLE_STRING, object, STRING } from './schemas.ts';
import type { Routes } from './server.ts';

/** How long a preview may take. Milliseconds. */
const TIMEOUT_MS = 10_000;

const BYTES: JsonSchema = {
  description: 'Text, or {"base64"} where the bytes are not UTF-8.',
  oneOf: [
    { type: ['string', 'null'] },
    {
      ...object({
        base64: { type: 'string', pattern: '^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$' },
      }),
      additionalProperties: false,
    },
  ],
};
const HEADER: JsonSchema = { ...object({ key: STRING, value: BYTES }, ['value']), additionalProperties: false };
const count = (maximum: number): JsonSchema => ({ type: ['integer', 'null'], minimum: 0, maximum });
const PARTITION = count(2 ** 31 - 1);
const LONG = count(Number.MAX_SAFE_INTEGER);

const REQUEST: JsonSchema = {
  ...object({
    config: {
      type: 'object',
      properties: { direction: { type: 'string', enum: ['sink', 'source'], default: 'sink' } },
      additionalProperties: { type: ['string', 'number', 'boolean'] },
    },
    records: {
      ...listOf({
        ...object(
          {
            topic: { type: 'string', minLength: 1 },
            partition: PARTITION,
            offset: LONG,
            timestamp: LONG,
            key: BYTES,
            value: BYTES,
            headers: { ...listOf(HEADER), type: ['array', 'null'] },
          },
          ['partition', 'offset', 'timestamp', 'key', 'value', 'headers'],
        ),
        additionalProperties: false,
      }),
      maxItems: MAX_RECORDS,
    },
  }),
  additionalProperties: false,
};

const ERROR = object({ stage: STRING, message: STRING });
const CONTENT = { topic: STRING, key: BYTES, value: BYTES, headers: listOf(HEADER) };
const ANSWER = object({
  records: listOf(
    object(
      {
        input: { description: 'The index of the record that it comes from.', type: 'integer', minimum: 0 },
        outcome: { type: 'string', enum: ['emitted', 'filtered', 'failed'] },
        ...CONTENT,
        partition: PARTITION,
        timestamp: { type: ['integer', 'null'] },
        steps: listOf(object({ transform: STRING, ...CONTENT, error: ERROR }, ['error'])),
        transform: { description: 'The transform that dropped it or failed on it.', ...NULLABLE_STRING },
        error: ERROR,
      },
      ['transform', 'error'],
    ),
  ),
});

type Bytes = string | { readonly base64: string } | null;

function textOf(bytes: Uint8Array | null): Bytes {
  if (bytes === null) return null;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return isUtf8(buffer) ? buffer.toString('utf8') : { base64: buffer.toString('base64') };
}

const contentOf = ({ topic, key, value, headers }: PreviewState) => ({
  topic,
  key: textOf(key),
  value: textOf(value),
  headers: headers.map((header) => ({ key: header.key, value: textOf(header.value) })),
});

const stepOf = ({ transform, state, error }: PreviewStep) => ({
  transform,
  ...contentOf(state),
  ...(error && { error }),
});

const recordOf = ({ input, outcome, state, steps, transform, error }: Previewed) => {
  const { topic, ...content } = contentOf(state);
  const { partition, timestamp } = state;
  return {
    input,
    outcome,
    topic,
    partition,
    timestamp,
    ...content,
    steps: steps.map(stepOf),
    ...(transform !== null && { transform }),
    ...(error && { error }),
  };
};

export const previewRoutes: Routes = (app, { registry, workerProps, log }) => {
  app.post(
    '/ext/preview',
    operation({
      id: 'preview',
      tag: 'Dry run',
      summary: 'Run records through transforms and converters',
      description:
        "Nothing is deployed, and nothing is read from Kafka or written to it. Records are read by the converters, go through the transforms as in a task, and are written by the converters again. `config` is that of a connector or a part of it; where it names no converter the worker's is taken. `direction` says whether transforms see the records of a sink (the default) or of a source.",
      body: { schema: REQUEST },
      answers: {
        200: json(ANSWER, 'What became of each record; one record may become several, or none.'),
        400: 'The body or the config is wrong; the message names every mistake.',
      },
    }),
    async ({ body }) => {
      const { props, direction, records } = previewBody(body);
      const previewed = await preview({
        registry,
        props,
        workerProps,
        direction,
        records,
        timeoutMs: TIMEOUT_MS,
        log,
      });
      return { records: previewed.map(recordOf) };
    },
  );
};
