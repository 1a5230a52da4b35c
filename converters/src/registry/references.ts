import { DataError } from '@tributary/api';
import type { RegistrySchema, SchemaRegistry } from './registry.ts';

/**
 * The texts of all schemas that a schema needs, by the names that it calls them by; those that need none of the others come first.
 * @throws DataError for one name with two meanings, and what the registry rejects with
 */
export async function resolveReferences(
  registry: SchemaRegistry,
  schema: RegistrySchema,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const within = new Set<string>();
  const visit = async ({ references }: RegistrySchema): Promise<void> => {
    for (const { name, subject, version } of references) {
      const place = `version ${version} of subject '${subject}'`;
      if (within.has(place)) throw new DataError(`The schema in ${place} refers to itself`);
      within.add(place);
      const reference = await registry.version(subject, version);
      await visit(reference);
      within.delete(place);
      const known = found.get(name);
      if (known !== undefined && known !== reference.schema)
        throw new DataError(`The schema refers to two schemas of the name '${name}', one of them ${place}`);
      found.set(name, reference.schema);
    }
  };
  await visit(schema);
  return found;
}
