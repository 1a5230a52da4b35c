import { schemaRegistry } from './schema-registry.ts';

/** Names the address of a schema registry to use instead of one of the process's own. */
const VARIABLE = 'TRIBUTARY_TEST_SCHEMA_REGISTRY';

let own: Promise<string> | undefined;

/**
 * The `schema.registry.url` of a registry for tests: `$TRIBUTARY_TEST_SCHEMA_REGISTRY`, else one of this process's own, started
 * at the first call, which ends with the process. Others may use it at the same time: give topics names of their own.
 */
export function sharedSchemaRegistry(): Promise<string> {
  const given = process.env[VARIABLE];
  if (given) return Promise.resolve(given);
  own ??= schemaRegistry({ jit: 'quick', keepAlive: false }).then((started) => started.url);
  return own;
}
