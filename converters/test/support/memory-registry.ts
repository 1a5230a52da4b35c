import type { LatestSchema, RegistrySchema, SchemaRegistry } from '../../src/registry/registry.ts';

/** A registry for what hangs on the converter alone: thousands of schemas in no time. What a registry accepts is tested on a real one. */
export class MemoryRegistry implements SchemaRegistry {
  readonly #schemas: RegistrySchema[] = [];
  readonly #subjects = new Map<string, number[]>();
  requests = 0;

  async register(subject: string, schema: RegistrySchema): Promise<number> {
    this.requests++;
    const text = JSON.stringify(schema);
    let id = this.#schemas.findIndex((known) => JSON.stringify(known) === text);
    if (id < 0) id = this.#schemas.push(schema) - 1;
    const versions = this.#subjects.get(subject) ?? [];
    if (!versions.includes(id)) versions.push(id);
    this.#subjects.set(subject, versions);
    return id;
  }

  async lookup(subject: string, schema: RegistrySchema): Promise<number> {
    const version = await this.versionOf(subject, schema);
    if (version === null) throw new Error(`not registered under ${subject}`);
    return this.#subjects.get(subject)![version - 1]!;
  }

  async versionOf(subject: string, schema: RegistrySchema): Promise<number | null> {
    const text = JSON.stringify(schema);
    const versions = this.#subjects.get(subject) ?? [];
    const index = versions.findIndex((id) => JSON.stringify(this.#schemas[id]) === text);
    return index < 0 ? null : index + 1;
  }

  async byId(id: number): Promise<RegistrySchema> {
    this.requests++;
    return this.#schemas[id]!;
  }

  async latest(subject: string): Promise<LatestSchema> {
    const versions = this.#subjects.get(subject)!;
    const id = versions.at(-1)!;
    return { id, version: versions.length, schema: this.#schemas[id]! };
  }

  async version(subject: string, version: number): Promise<RegistrySchema> {
    return this.#schemas[this.#subjects.get(subject)![version - 1]!]!;
  }

  close(): void {}
}
