import { API_VERSION, ConfigError, type PluginKind } from '@tributary/api';
import { Ajv, type JSONSchemaType } from 'ajv';

/** One plugin of a package, as its package.json tells it: enough to list it without loading any of its code. */
export interface PluginEntry {
  readonly kind: PluginKind;
  readonly class: string;
  readonly aliases?: readonly string[];
  readonly version: string;
  /** A subpath of the package's `exports` (`.` or `./name`), or a file of the package. */
  readonly module: string;
  /** The export of the module that holds the definition. Default: `default`. */
  readonly export?: string;
}

/** A command that a package adds to the command line: `tributary NAME`. */
export interface CommandEntry {
  readonly name: string;
  /** What it does, in a few words, for the overview. */
  readonly summary: string;
  /** As for a plugin. Its default export takes the arguments behind the name, `--help` among them, and returns the exit code. */
  readonly module: string;
}

/** What stands under `tributary` in a plugin package's package.json. */
export interface Manifest {
  /** The major version of the plugin API that the package was written for. Default: 1. */
  readonly apiVersion?: number;
  readonly plugins: readonly PluginEntry[];
  readonly commands?: readonly CommandEntry[];
}

export const PLUGIN_KINDS: readonly PluginKind[] = [
  'sink',
  'source',
  'transformation',
  'predicate',
  'converter',
  'header_converter',
  'config_provider',
  'rest_extension',
];

/** Those that are no part of what a connector does: they are only listed if asked for. */
export const WORKER_KINDS: readonly PluginKind[] = ['config_provider', 'rest_extension'];

const text = { type: 'string', minLength: 1 } as const;

const schema: JSONSchemaType<Manifest> = {
  type: 'object',
  required: ['plugins'],
  properties: {
    apiVersion: { type: 'integer', nullable: true },
    plugins: {
      type: 'array',
      items: {
        type: 'object',
        required: ['kind', 'class', 'version', 'module'],
        additionalProperties: false,
        properties: {
          kind: { type: 'string', enum: PLUGIN_KINDS },
          class: text,
          aliases: { type: 'array', items: text, nullable: true },
          version: text,
          module: text,
          export: { ...text, nullable: true },
        },
      },
    },
    commands: {
      type: 'array',
      nullable: true,
      items: {
        type: 'object',
        required: ['name', 'summary', 'module'],
        additionalProperties: false,
        properties: { name: text, summary: text, module: text },
      },
    },
  },
};

const validate = new Ajv({ allErrors: true }).compile(schema);

/** @throws ConfigError that names the package and what is wrong with its manifest */
export function parseManifest(packageName: string, json: unknown): Manifest {
  if (!validate(json)) {
    const problems = validate.errors!.map((e) => `tributary${e.instancePath.replaceAll('/', '.')} ${e.message}`);
    throw new ConfigError(
      `The plugin manifest in the package.json of ${packageName} is invalid: ${problems.join('; ')}`,
    );
  }
  if ((json.apiVersion ?? API_VERSION) !== API_VERSION) {
    throw new ConfigError(
      `The plugins of ${packageName} were written for version ${json.apiVersion} of the plugin API, this worker has version ${API_VERSION}: install a matching version of the package`,
    );
  }
  return json;
}
