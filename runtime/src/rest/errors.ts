import { ConfigError, messageOf } from '@tributary/api';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  AlreadyExistsError,
  BadRequestError,
  ConflictError,
  ForbiddenError,
  NotFoundError,
  RequestTargetError,
  UnavailableError,
} from '../herder/errors.ts';
import { PrivilegeLostError } from '../store/fenced-writer.ts';
import type { Forward } from './forward.ts';
import { routesOf } from './route-table.ts';

/** The body of every error answer (Connect's ErrorMessage). */
export interface ErrorMessage {
  readonly error_code: number;
  readonly message: string;
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  408: 'Request Timeout',
  413: 'Request Entity Too Large',
  415: 'Unsupported Media Type',
  431: 'Request Header Fields Too Large',
};

/** What a server without a better word says, as Java's (`HTTP 404 Not Found`). */
export function httpMessage(status: number): string {
  return `HTTP ${status} ${REASONS[status] ?? 'Error'}`;
}

/** The status of an error, by its class. */
function statusOf(error: unknown): number {
  if (error instanceof NotFoundError) return 404;
  if ([AlreadyExistsError, ConflictError, PrivilegeLostError].some((kind) => error instanceof kind)) return 409;
  if (error instanceof ForbiddenError) return 403;
  if (error instanceof BadRequestError || error instanceof ConfigError) return 400;
  if (error instanceof UnavailableError) return 503;
  return (error as FastifyError).statusCode ?? 500;
}

function messageFor(error: FastifyError, status: number, limit: number | undefined): string {
  if (status === 413) return `${httpMessage(413)}: the body is larger than ${limit} bytes`;
  if (status === 415) return httpMessage(415);
  return messageOf(error);
}

export interface ErrorsOptions {
  /** Takes secrets out of messages. */
  readonly redact: (text: string) => string;
  /** Does what a {@link RequestTargetError} asks for. */
  readonly forward: Forward;
  readonly onServerError: (error: unknown) => void;
}

/** Gives errors their status and Connect's body, and has other workers answer what is theirs. */
export function installErrors(app: FastifyInstance, { redact, forward, onServerError }: ErrorsOptions): void {
  const answer = (error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const status = statusOf(error);
    if (status >= 500) onServerError(error);
    const message = redact(messageFor(error, status, request.routeOptions.bodyLimit));
    return reply.code(status).send({ error_code: status, message } satisfies ErrorMessage);
  };
  app.setErrorHandler(async (error: FastifyError, request, reply) => {
    if (!(error instanceof RequestTargetError)) return answer(error, request, reply);
    try {
      return await forward(request, reply, error);
    } catch (problem) {
      return answer(problem as FastifyError, request, reply);
    }
  });
}

/** Answers unknown paths with 404 and known ones with another method with 405, whatever the body. */
export function installNotFound(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    if (request.is404) return refuse(app, request, reply);
  });
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

function refuse(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = request.url.split('?', 1)[0]!;
  const methods = new Set(routesOf(app).flatMap(({ method, pattern }) => (pattern.test(path) ? [method] : [])));
  const allowed = METHODS.filter((method) => methods.has(method));
  if (allowed.length === 0)
    return reply.code(404).send({ error_code: 404, message: httpMessage(404) } satisfies ErrorMessage);
  const allow = [...allowed, 'OPTIONS'].join(', ');
  if (request.method === 'OPTIONS') return reply.code(200).header('allow', allow).type('text/plain').send(allow);
  return reply
    .code(405)
    .header('allow', allow)
    .send({ error_code: 405, message: httpMessage(405) } satisfies ErrorMessage);
}
