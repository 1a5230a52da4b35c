import { DataError, LruCache } from '@tributary/api';
import type { ClientConfig } from './config.ts';
import { errorBody, NotFound } from './errors.ts';
import type { Answer } from './http.ts';
import type {
  LatestSchema,
  RegistrySchema,
  SchemaReference,
  SchemaRegistry,
  SchemaType,
  WriteOptions,
} from './registry.ts';
import { Requests } from './requests.ts';

interface SchemaBody {
  readonly id?: number;
  readonly version?: number;
  readonly schema?: string;
  /** Left out for AVRO. */
  readonly schemaType?: SchemaType;
  readonly references?: readonly SchemaReference[] | null;
}

const bodyOf = ({ type, schema, references }: RegistrySchema): object => ({
  schema,
  ...(type !== 'AVRO' && { schemaType: type }),
  ...(references.length > 0 && { references }),
});

const schemaOf = (body: SchemaBody): RegistrySchema => ({
  type: body.schemaType ?? 'AVRO',
  schema: body.schema!,
  references: body.references ?? [],
});

const keyOf = (subject: string, { type, schema, references }: RegistrySchema, normalize: boolean): string =>
  JSON.stringify([subject, type, normalize, schema, references]);

const at = (subject: string): string => `/subjects/${encodeURIComponent(subject)}`;

/** A registry behind Confluent's REST API. */
export class RegistryClient implements SchemaRegistry {
  readonly #requests: Requests;
  readonly #registered: LruCache<string, Promise<number>>;
  readonly #known: LruCache<string, Promise<{ readonly id: number; readonly version: number } | null>>;
  readonly #byId: LruCache<string, Promise<RegistrySchema>>;
  readonly #versions: LruCache<string, Promise<RegistrySchema>>;
  readonly #latest: LruCache<string, { readonly answer: Promise<LatestSchema>; readonly until: number }>;
  readonly #latestTtlMs: number;

  /** @throws ConfigError for keys that do not fit together and for stores that cannot be read */
  constructor(config: ClientConfig) {
    this.#requests = new Requests(config);
    const limit = config['max.schemas.per.subject'];
    this.#registered = new LruCache(limit);
    this.#known = new LruCache(limit);
    this.#byId = new LruCache(limit);
    this.#versions = new LruCache(limit);
    this.#latest = new LruCache(config['latest.cache.size']);
    const seconds = config['latest.cache.ttl.sec'];
    this.#latestTtlMs = seconds < 0 ? Number.POSITIVE_INFINITY : seconds * 1000;
  }

  register(subject: string, schema: RegistrySchema, { normalize }: WriteOptions): Promise<number> {
    return once(this.#registered, keyOf(subject, schema, normalize), async () => {
      const what = `register the ${schema.type} schema under subject '${subject}'`;
      const path = `${at(subject)}/versions${normalize ? '?normalize=true' : ''}`;
      return this.#success(what, await this.#requests.post(what, path, bodyOf(schema))).id!;
    });
  }

  async lookup(subject: string, schema: RegistrySchema, options: WriteOptions): Promise<number> {
    const found = await this.#find(subject, schema, options);
    if (found) return found.id;
    throw new DataError(
      `The ${schema.type} schema is not registered under subject '${subject}'. Register it, or set auto.register.schemas=true.`,
    );
  }

  async versionOf(subject: string, schema: RegistrySchema): Promise<number | null> {
    return (await this.#find(subject, schema, { normalize: false }))?.version ?? null;
  }

  byId(id: number, subject?: string): Promise<RegistrySchema> {
    const query = subject === undefined ? '' : `?subject=${encodeURIComponent(subject)}`;
    return once(this.#byId, `${id}${query}`, async () => {
      const what = `give the schema with id ${id}`;
      return schemaOf(this.#success(what, await this.#requests.get(what, `/schemas/ids/${id}${query}`)));
    });
  }

  latest(subject: string): Promise<LatestSchema> {
    const now = performance.now();
    const known = this.#latest.get(subject);
    if (known && known.until > now) return known.answer;
    const answer = this.#askLatest(subject);
    const entry = { answer, until: now + this.#latestTtlMs };
    this.#latest.set(subject, entry);
    answer.catch(() => this.#latest.drop(subject, entry));
    return answer;
  }

  version(subject: string, version: number): Promise<RegistrySchema> {
    return once(this.#versions, `${version} ${subject}`, async () => {
      const what = `give version ${version} of subject '${subject}'`;
      return schemaOf(this.#success(what, await this.#requests.get(what, `${at(subject)}/versions/${version}`)));
    });
  }

  close(): void {
    this.#requests.close();
  }

  async #askLatest(subject: string): Promise<LatestSchema> {
    const what = `give the latest version of subject '${subject}'`;
    const body = this.#success(what, await this.#requests.get(what, `${at(subject)}/versions/latest`));
    return { id: body.id!, version: body.version!, schema: schemaOf(body) };
  }

  /** Resolves with null where subject or schema are not there; that is asked again the next time. */
  async #find(subject: string, schema: RegistrySchema, { normalize }: WriteOptions) {
    const key = keyOf(subject, schema, normalize);
    const answer = once(this.#known, key, async () => {
      const what = `look up the ${schema.type} schema under subject '${subject}'`;
      const found = await this.#requests.post(
        what,
        `${at(subject)}${normalize ? '?normalize=true' : ''}`,
        bodyOf(schema),
      );
      if (isMissing(found)) return null;
      const { id, version } = this.#success(what, found);
      return { id: id!, version: version! };
    });
    const found = await answer;
    if (found === null) this.#known.drop(key, answer);
    return found;
  }

  #success(what: string, answer: Answer): SchemaBody {
    if (answer.status < 200 || answer.status > 299) throw this.#requests.refusal(what, answer);
    try {
      return JSON.parse(answer.body) as SchemaBody;
    } catch (error) {
      throw new DataError(
        `The registry was asked to ${what} and answered with something that is not JSON. Check that schema.registry.url is a schema registry.`,
        { cause: error },
      );
    }
  }
}

function isMissing(answer: Answer): boolean {
  const code = answer.status === 404 ? errorBody(answer).code : undefined;
  return code === NotFound.subject || code === NotFound.schema;
}

/** One request for all who ask at the same time; a failure is not remembered. */
function once<T>(cache: LruCache<string, Promise<T>>, key: string, ask: () => Promise<T>): Promise<T> {
  const known = cache.get(key);
  if (known) return known;
  const answer = ask();
  cache.set(key, answer);
  answer.catch(() => cache.drop(key, answer));
  return answer;
}
