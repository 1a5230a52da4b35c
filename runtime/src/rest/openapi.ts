import { TRIBUTARY_VERSION } from '../version.ts';
import { connectorSchemas } from './config-schemas.ts';
import { type Answer, json, type Operation, operation, TAGS } from './operation.ts';
import { PARAMETER, type Route, routesOf } from './route-table.ts';
import type { Routes } from './routes.ts';
import { type JsonSchema, ref, SCHEMAS } from './schemas.ts';

/** Parameters in paths, by the name that routes give them. */
const PATH_PARAMETERS: Readonly<Record<string, { readonly description: string; readonly schema: JsonSchema }>> = {
  name: { description: 'The name of a connector.', schema: { type: 'string', minLength: 1 } },
  task: { description: 'The number of a task, from 0.', schema: { type: 'integer', minimum: 0, maximum: 999_999_999 } },
  plugin: { description: 'The class of a plugin, or an alias of it.', schema: { type: 'string', minLength: 1 } },
  logger: { description: 'The name of a logger.', schema: { type: 'string', minLength: 1 } },
};

const ERRORS: Readonly<Record<number, string>> = {
  400: 'The request cannot be understood; the message says what is wrong.',
  401: 'User or password is missing or wrong.',
  404: 'There is no such thing.',
  409: 'Not while workers come to terms with each other; try again.',
  413: 'The body is larger than the worker takes.',
  415: 'The body is not application/json.',
  500: 'The worker failed.',
  503: 'The worker is starting or shutting down.',
};

/** Errors that may come of any operation of this form. */
function commonErrors(parameters: readonly string[], { body }: Operation): readonly number[] {
  return [400, 401, ...(parameters.length > 0 ? [404, 409] : []), ...(body ? [409, 413, 415] : []), 500, 503];
}

function responseOf(answer: Answer): JsonSchema {
  if (typeof answer === 'string')
    return { description: answer, content: { 'application/json': { schema: ref('ErrorMessage') } } };
  const { description, schema, type = 'application/json', headers } = answer;
  return { description, ...(headers && { headers }), ...(schema && { content: { [type]: { schema } } }) };
}

function operationOf(told: Operation, parameters: readonly string[]): JsonSchema {
  const common = commonErrors(parameters, told).map((status) => [status, ERRORS[status]!] as const);
  const answers: Record<number, Answer> = { ...Object.fromEntries(common), ...told.answers };
  return {
    operationId: told.id,
    tags: [told.tag],
    summary: told.summary,
    ...(told.description && { description: told.description }),
    parameters: [
      ...parameters.map((name) => ({
        name,
        in: 'path',
        required: true,
        ...(told.path?.[name] ?? PATH_PARAMETERS[name]),
      })),
      ...Object.entries(told.query ?? {}).map(([name, parameter]) => ({ name, in: 'query', ...parameter })),
    ],
    ...(told.body && {
      requestBody: {
        ...(told.body.description && { description: told.body.description }),
        required: true,
        content: { 'application/json': { schema: told.body.schema } },
      },
    }),
    responses: Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, responseOf(answer)])),
  };
}

/** The config of any one of the connectors. */
function connectorInput(connectors: Readonly<Record<string, JsonSchema>>): Readonly<Record<string, JsonSchema>> {
  const names = Object.keys(connectors);
  if (names.length === 0) return {};
  const description =
    'The config of a connector; numbers and booleans are taken as their text. Described are those of the connectors that come with Kafka. Others are taken as well: `GET /connector-plugins` lists them, `GET /connector-plugins/{plugin}/config` has their keys.';
  return { ConnectorInput: { description, oneOf: names.map((name) => ({ $ref: `#/components/schemas/${name}` })) } };
}

/** The OpenAPI document of these routes. */
export function openApi(
  routes: readonly Route[],
  securitySchemes: readonly JsonSchema[],
  connectors: Readonly<Record<string, JsonSchema>>,
): JsonSchema {
  const schemes = Object.fromEntries(securitySchemes.map((scheme, i) => [`scheme${i + 1}`, scheme]));
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const { method, url, operation: told } of routes) {
    if (!told || method === 'HEAD') continue;
    const parameters = [...url.matchAll(PARAMETER)].map(([, name]) => name!);
    const path = url.replace(PARAMETER, '{$1}');
    paths[path] = { ...paths[path], [method.toLowerCase()]: operationOf(told, parameters) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tributary',
      version: TRIBUTARY_VERSION,
      description: "Kafka Connect's REST API, and what Tributary has beyond it.",
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: { ...SCHEMAS, ...connectorInput(connectors), ...connectors },
      ...(securitySchemes.length > 0 && { securitySchemes: schemes }),
    },
    // All of them at once.
    ...(securitySchemes.length > 0 && {
      security: [Object.fromEntries(Object.keys(schemes).map((name) => [name, []]))],
    }),
  };
}

/** The document is made when it is first asked for. */
export const openApiRoutes: Routes = (app, { extensions, registry }) => {
  let document: JsonSchema | undefined;
  app.get(
    '/openapi.json',
    operation({
      id: 'getOpenApi',
      tag: 'Worker',
      summary: 'This description of the API',
      answers: { 200: json({ type: 'object', required: ['openapi', 'info', 'paths'] }, 'An OpenAPI 3.1 document.') },
    }),
    async () => {
      document ??= openApi(
        routesOf(app),
        extensions.flatMap(({ securityScheme }) => (securityScheme ? [securityScheme] : [])),
        await connectorSchemas(registry),
      );
      return document;
    },
  );
};
