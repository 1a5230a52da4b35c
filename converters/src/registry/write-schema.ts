import type { Config } from '@tributary/api';
import type { schemaKeys } from './config.ts';
import type { RegistrySchema, SchemaRegistry } from './registry.ts';

export type SchemaConfig = Config<typeof schemaKeys>;

/** Which schema a value is written with. */
export interface WriteSchema {
  readonly id: number;
  /** Null: the value's own. Otherwise the one of `use.schema.id` or `use.latest.version`. */
  readonly other: RegistrySchema | null;
  /** With `other`: the key that says whether it must be able to read what is written with the own schema; null if it need not. */
  readonly strictKey: 'id.compatibility.strict' | 'latest.compatibility.strict' | null;
}

/**
 * Finds the schema to write values with, in the order of Confluent's serialisers: `auto.register.schemas`, `use.schema.id`,
 * `use.latest.version`, else the own one, which must be registered.
 */
export async function writeSchema(
  registry: SchemaRegistry,
  config: SchemaConfig,
  subject: string,
  own: RegistrySchema,
): Promise<WriteSchema> {
  const normalize = config['normalize.schemas'];
  if (config['auto.register.schemas']) {
    return { id: await registry.register(subject, own, { normalize }), other: null, strictKey: null };
  }
  const id = config['use.schema.id'];
  if (id >= 0) {
    const strictKey = config['id.compatibility.strict'] ? 'id.compatibility.strict' : null;
    return { id, other: await registry.byId(id, subject), strictKey };
  }
  if (config['use.latest.version']) {
    const latest = await registry.latest(subject);
    const strictKey = config['latest.compatibility.strict'] ? 'latest.compatibility.strict' : null;
    return { id: latest.id, other: latest.schema, strictKey };
  }
  return { id: await registry.lookup(subject, own, { normalize }), other: null, strictKey: null };
}

/** For how long a {@link WriteSchema} may be used, in milliseconds. */
export function writeSchemaTtl(config: SchemaConfig, latestTtlSeconds: number): number {
  const isLatest = !config['auto.register.schemas'] && config['use.schema.id'] < 0 && config['use.latest.version'];
  return isLatest && latestTtlSeconds >= 0 ? latestTtlSeconds * 1000 : Number.POSITIVE_INFINITY;
}

/** The texts of all schemas that a schema refers to, those first that others need. */
export async function referencedTexts(registry: SchemaRegistry, schema: RegistrySchema): Promise<readonly string[]> {
  const texts = new Set<string>();
  const visit = async (one: RegistrySchema): Promise<void> => {
    for (const { subject, version } of one.references) {
      const other = await registry.version(subject, version);
      if (texts.has(other.schema)) continue;
      await visit(other);
      texts.add(other.schema);
    }
  };
  await visit(schema);
  return [...texts];
}
