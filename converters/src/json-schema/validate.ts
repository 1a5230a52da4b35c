import { createRequire } from 'node:module';
import { DataError, messageOf } from '@tributary/api';
import type { Ajv, ErrorObject, Options, ValidateFunction } from 'ajv';

/** Throws for JSON that does not fit. @throws DataError that names each place */
export type Validate = (json: string) => void;

/** The JSON Schema drafts and where they are loaded from: only the one that is needed. */
const DIALECTS: ReadonlyArray<readonly [mark: RegExp, module: string, metaSchema?: string]> = [
  [/draft\/2020-12\//, 'ajv/dist/2020.js'],
  [/draft\/2019-09\//, 'ajv/dist/2019.js'],
  [/draft-04\//, 'ajv-draft-04'],
  [/draft-06\//, 'ajv', 'ajv/dist/refs/json-schema-draft-06.json'],
];

const OPTIONS: Options = { strict: false, allErrors: true, validateSchema: false, logger: false };
const SHOWN_ERRORS = 5;

const load = createRequire(import.meta.url);

function dialect(schema: unknown, ignoreModern: boolean): Ajv {
  const mark = (schema as { $schema?: unknown } | null)?.$schema;
  const [, name, metaSchema] = DIALECTS.find(
    ([pattern]) => typeof mark === 'string' && pattern.test(mark) && !(ignoreModern && mark.includes('/20')),
  ) ?? [/^/, 'ajv'];
  const { default: Kind } = load(name) as { default: new (options: Options) => Ajv };
  const ajv = new Kind(OPTIONS);
  if (metaSchema) ajv.addMetaSchema(load(metaSchema) as object);
  (load('ajv-formats') as { default: (ajv: Ajv) => void }).default(ajv);
  return ajv;
}

/**
 * Compiles a JSON Schema, of the draft that its `$schema` names (draft 7 without one).
 * @param references the texts of other schemas by the names that the schema calls them by
 * @param ignoreModern whether schemas of later drafts count as draft 7
 * @throws DataError for a schema that cannot be used to validate
 */
export function compileValidator(
  schema: string,
  references: ReadonlyMap<string, string>,
  ignoreModern = false,
): Validate {
  let validate: ValidateFunction;
  try {
    const root = JSON.parse(schema) as object;
    const ajv = dialect(root, ignoreModern);
    for (const [name, text] of references) ajv.addSchema(JSON.parse(text) as object, name);
    validate = ajv.compile(root);
  } catch (error) {
    throw new DataError(`The JSON Schema cannot be used to validate: ${messageOf(error)}`, { cause: error });
  }
  return (json) => {
    if (validate(JSON.parse(json))) return;
    const errors = (validate.errors ?? []).slice(0, SHOWN_ERRORS).map(described);
    throw new DataError(`JSON does not match its schema: ${errors.join('; ')} (json.fail.invalid.schema=true)`);
  };
}

const described = ({ instancePath, message }: ErrorObject): string => `${instancePath || 'the value'} ${message}`;
