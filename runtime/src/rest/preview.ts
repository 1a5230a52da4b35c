import { isUtf8 } from 'node:buffer';
import { ConfigError } from '@tributary/api';
import { resolveOrThrow } from '../config/config-providers.ts';
import { redactor } from '../config/secrets.ts';
import { secretsOf } from '../config/validate.ts';
import {
  type Previewed,
  type PreviewFailure,
  type PreviewState,
  type PreviewStep,
  preview,
} from '../pipeline/preview.ts';
import { json, operation } from './operation.ts';
import { MAX_RECORDS, previewBody } from './preview-body.ts';
import type { Routes } from './routes.ts';
import { type JsonSchema, listOf, NULLABLE_STRING, object, STRING } from './schemas.ts';

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
type Redact = (text: string) => string;

/** Makes the answer; secrets that the config stands for are taken out of it, wherever transforms may have put them. */
class Answers {
  readonly #redact: Redact;

  constructor(redact: Redact) {
    this.#redact = redact;
  }

  #bytes(bytes: Uint8Array | null): Bytes {
    if (bytes === null) return null;
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (isUtf8(buffer)) return this.#redact(buffer.toString('utf8'));
    return { base64: Buffer.from(this.#redact(buffer.toString('latin1')), 'latin1').toString('base64') };
  }

  #content({ topic, key, value, headers }: PreviewState) {
    return {
      topic: this.#redact(topic),
      key: this.#bytes(key),
      value: this.#bytes(value),
      headers: headers.map((header) => ({ key: this.#redact(header.key), value: this.#bytes(header.value) })),
    };
  }

  #error({ stage, message }: PreviewFailure) {
    return { stage, message: this.#redact(message) };
  }

  #step({ transform, state, error }: PreviewStep) {
    return { transform, ...this.#content(state), ...(error && { error: this.#error(error) }) };
  }

  record({ input, outcome, state, steps, transform, error }: Previewed) {
    const { topic, ...content } = this.#content(state);
    const { partition, timestamp } = state;
    return {
      input,
      outcome,
      topic,
      partition,
      timestamp,
      ...content,
      steps: steps.map((step) => this.#step(step)),
      ...(transform !== null && { transform }),
      ...(error && { error: this.#error(error) }),
    };
  }
}

export const previewRoutes: Routes = (app, { registry, workerProps, providers, log }) => {
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
      const resolved = await resolveOrThrow(providers, props);
      const redact = redactor(await secretsOf(registry, resolved));
      const answers = new Answers(redact);
      const options = { registry, props: resolved.props, workerProps, direction, records, timeoutMs: TIMEOUT_MS, log };
      try {
        return { records: (await preview(options)).map((record) => answers.record(record)) };
      } catch (error) {
        throw error instanceof ConfigError ? new ConfigError(redact(error.message)) : error;
      }
    },
  );
};
