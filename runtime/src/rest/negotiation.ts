import type { FastifyInstance } from 'fastify';
import { BadRequestError } from '../herder/errors.ts';
import { httpMessage } from './errors.ts';
import type { Operation } from './operation.ts';

const MEDIA_TYPE = /^\s*([^\s/;,]+\/[^\s/;,]+)\s*(;.*)?$/;
/** What a client may ask for and be given JSON. Weights do not count, nor do they in Java. */
const JSON_RANGES: ReadonlySet<string> = new Set(['*/*', 'application/*', 'application/json']);

/**
 * Takes only JSON (415), and answers only those who take JSON (406), as Java does: by the headers, whether there is a body or not. What
 * is not JSON itself, such as the metrics, goes to everybody.
 */
export function installNegotiation(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ headers, routeOptions }, reply) => {
    const status = refusal(headers['content-type'], answersJson(routeOptions.config.operation) ? headers.accept : '');
    if (status !== null) return reply.code(status).send({ error_code: status, message: httpMessage(status) });
  });
}

/** Takes the charset off, which fastify adds: JSON has but one, Java's worker names none, and some clients compare. */
export function installPlainTypes(app: FastifyInstance): void {
  app.addHook('onSend', async (_request, reply) => {
    const type = String(reply.getHeader('content-type') ?? '');
    if (/^(application\/json|text\/plain); charset=utf-8$/.test(type))
      reply.header('content-type', type.split(';', 1)[0]);
  });
}

function refusal(contentType: string | undefined, accept = ''): 415 | 406 | null {
  if (contentType !== undefined) {
    const type = MEDIA_TYPE.exec(contentType)?.[1];
    if (type === undefined)
      throw new BadRequestError(
        `The Content-Type ${JSON.stringify(contentType.slice(0, 100))} is no media type; send application/json`,
      );
    if (type.toLowerCase() !== 'application/json') return 415;
  }
  if (accept.trim() === '') return null;
  const ranges = accept.split(',').map((range) => range.split(';', 1)[0]!.trim().toLowerCase());
  return ranges.some((range) => JSON_RANGES.has(range)) ? null : 406;
}

function answersJson(operation: Operation | undefined): boolean {
  const answers = Object.values(operation?.answers ?? {});
  return !answers.some((answer) => typeof answer !== 'string' && answer.type !== undefined);
}
