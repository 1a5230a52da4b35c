import type { RouteShorthandOptions } from 'fastify';
import type { JsonSchema } from './schemas.ts';

/** An answer with something in it, or without a body. */
export interface FullAnswer {
  readonly description: string;
  /** Left out: the answer has no body. */
  readonly schema?: JsonSchema;
  /** Default: application/json. */
  readonly type?: string;
  readonly headers?: Readonly<Record<string, Parameter>>;
}

/** An answer of a route. A string describes an error, whose body is Connect's ErrorMessage. */
export type Answer = string | FullAnswer;

export interface Parameter {
  readonly description: string;
  readonly schema: JsonSchema;
}

/** The headings under which operations are listed, in this order. */
export const TAGS = {
  Worker: 'What the worker is, and how it does.',
  Connectors: 'Create, look at, change and run connectors.',
  Tasks: 'The tasks of a connector.',
  Offsets: 'How far a connector has come.',
  Topics: 'The topics that a connector uses.',
  Plugins: 'What is installed, with its configs.',
  Loggers: 'What is logged.',
  'Dry run': 'Try configs without deploying anything. Not in Kafka Connect.',
} as const;

/** What a route tells about itself in `/openapi.json`. It checks nothing: what a request may be, the handler says. */
export interface Operation {
  /** A name that no other operation has, such as `pauseConnector`: generated clients name their methods after it. */
  readonly id: string;
  readonly tag: keyof typeof TAGS;
  readonly summary: string;
  readonly description?: string;
  /** Parameters of the path that mean something else here than elsewhere. */
  readonly path?: Readonly<Record<string, Parameter>>;
  /** Optional parameters of the query. Of one that is no array only the first value counts. */
  readonly query?: Readonly<Record<string, Parameter>>;
  /** The JSON body; requests must have it. */
  readonly body?: { readonly description?: string; readonly schema: JsonSchema };
  /**
   * By status: what it answers when it works, and its own errors. Those that any route may give (400, 401, 404 of a path with a
   * name in it, 409, 413, 415, 500, 503) are added where they are missing.
   */
  readonly answers: Readonly<Record<number, Answer>>;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    operation?: Operation;
    /** A request of workers to each other, or a path of a REST extension: the API does not tell of it. */
    internal?: boolean;
  }
}

/** The options of a route that tell what it does: `app.get(path, operation({ id, tag, summary, answers }), handler)`. */
export function operation(told: Operation): RouteShorthandOptions {
  return { config: { operation: told } };
}

/** The options of a route of which the API does not tell: one that only workers call, or a REST extension's. */
export const INTERNAL: RouteShorthandOptions = { config: { internal: true } };

/** An answer with a JSON body. */
export function json(schema: JsonSchema, description: string): FullAnswer {
  return { description, schema };
}

/** An answer without a body. */
export function empty(description: string): FullAnswer {
  return { description };
}
