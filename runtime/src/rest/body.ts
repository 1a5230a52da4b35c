import { ConfigError, isPlainObject, messageOf, type Props } from '@tributary/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { flatProps, type InitialState, parseInitialState } from '../config/files.ts';
import { BadRequestError } from '../herder/errors.ts';
import { fromJson } from '../store/json.ts';

const bodies = new WeakMap<FastifyRequest, Buffer>();

/** Remembers the body of a request as it came. */
export function keepBody(request: FastifyRequest, body: Buffer): void {
  bodies.set(request, body);
}

/** The body of a request as it came; undefined if it has none, or one that its route passes over. */
export function sentBody(request: FastifyRequest): Buffer | undefined {
  return bodies.get(request);
}

/** Parses JSON bodies exactly (numbers of any length keep their digits), of routes that take one. Without a content type: 415, as in Java. */
export function installJsonParser(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (body.length === 0 || !takesBody(request)) return done(null, undefined);
    keepBody(request, body as Buffer);
    try {
      done(null, jsonBody(body as Buffer));
    } catch (error) {
      done(error as BadRequestError, undefined);
    }
  });
}

/** @throws BadRequestError */
export function jsonBody(body: Uint8Array): unknown {
  try {
    return fromJson(body);
  } catch (error) {
    throw new BadRequestError(`The body is not valid JSON: ${messageOf(error)}`, { cause: error });
  }
}

/** Bodies of requests that need none are passed over. */
const takesBody = ({ routeOptions: { config } }: FastifyRequest): boolean =>
  config.internal === true || config.operation?.body !== undefined;

/** A connector's config out of a body. @throws BadRequestError that names the key */
export function configBody(json: unknown, what: string): Props {
  if (json === undefined || json === null)
    throw new BadRequestError(`${what} is missing; send a JSON object with a value for each key`);
  try {
    return flatProps(json, what);
  } catch (error) {
    if (error instanceof ConfigError) throw new BadRequestError(error.message, { cause: error });
    throw error;
  }
}

/** Changes to a connector's config out of a body: null removes a key. @throws BadRequestError that names the key */
export function patchBody(json: unknown): Readonly<Record<string, string | null>> {
  if (!isPlainObject(json)) throw new BadRequestError('The patch must be a JSON object with a value for each key');
  const removed = Object.entries(json).filter(([, value]) => value === null);
  const set = Object.entries(json).filter(([, value]) => value !== null);
  return Object.fromEntries([
    ...removed,
    ...Object.entries(configBody(Object.fromEntries(set), 'The patch')),
  ]) as Record<string, string | null>;
}

export interface CreateRequest {
  readonly name: string;
  readonly config: Props;
  readonly initialState: InitialState | null;
}

const CREATE_FIELDS = ['name', 'config', 'initial_state'];

/** The body of POST /connectors. @throws BadRequestError that names the field */
export function createBody(json: unknown): CreateRequest {
  if (!isPlainObject(json)) throw new BadRequestError('The body must be a JSON object with "name" and "config"');
  const stray = Object.keys(json).find((field) => !CREATE_FIELDS.includes(field));
  if (stray !== undefined) {
    throw new BadRequestError(
      `Unrecognized field ${JSON.stringify(stray.slice(0, 100))}, the known ones are: "config", "name", "initial_state". A connector's keys belong into "config"`,
    );
  }
  const config = configBody(json['config'], 'The "config"');
  const given = json['name'] ?? config['name'];
  if (typeof given !== 'string') throw new BadRequestError('The "name" of the connector is missing or is not text');
  const name = given.trim();
  if (name === '') throw new BadRequestError('The "name" of the connector is empty');
  const initialState =
    json['initial_state'] === undefined || json['initial_state'] === null
      ? null
      : parseInitialState(json['initial_state']);
  if (initialState === undefined) {
    throw new BadRequestError(
      `"initial_state" is ${JSON.stringify(json['initial_state']).slice(0, 100)}, but must be one of RUNNING, PAUSED, STOPPED`,
    );
  }
  return { name, config, initialState };
}
