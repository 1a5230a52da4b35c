import { readFile } from 'node:fs/promises';
import { registerHooks } from 'node:module';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConfigError, isPlainObject, messageOf } from '@tributary/api';
import { defineFeed, type FeedDefinition } from './defined-feed.ts';
import type { Preset, PresetFeed } from './feed.ts';
import { PRESETS } from './presets/index.ts';
import type { RecordsDefinition } from './records.ts';

const MODULES = new Set(['.js', '.mjs', '.ts', '.mts']);
const NEEDS = ['api.key', 'api.secret'] as const;

/** Whether the name of a preset is that of a file. */
export const isFile = (name: string): boolean => extname(name) === '.json' || MODULES.has(extname(name));

/**
 * The preset of that name, or the one in a file: a JSON object, or a module whose default export is a {@link Preset}.
 * @throws ConfigError if there is none, or if the file cannot be used
 */
export async function findPreset(name: string): Promise<Preset> {
  if (!isFile(name)) {
    const preset = PRESETS.get(name);
    if (preset) return preset;
    throw new ConfigError(
      `Invalid value ${name} for configuration preset: there are ${[...PRESETS.keys()].join(', ')}; one of your own is named by its file, which ends with .json, .js, .mjs, .ts or .mts`,
    );
  }
  try {
    const path = resolve(name);
    return extname(name) === '.json' ? readPreset(name, await readFile(path, 'utf8')) : await importPreset(path);
  } catch (error) {
    throw new ConfigError(`Invalid value ${name} for configuration preset: ${messageOf(error)}`, { cause: error });
  }
}

const PACKAGES = /^@tributary\/(source-websocket|api|market)(\/.*)?$/;
let hooked = false;

/** Lets modules import this package and what it stands on, wherever they are: where there is no copy they get this one. Per thread. */
function installHook(): void {
  if (hooked) return;
  hooked = true;
  registerHooks({
    resolve(specifier, context, next) {
      if (!PACKAGES.test(specifier)) return next(specifier, context);
      try {
        return next(specifier, context);
      } catch {
        return next(specifier, { ...context, parentURL: import.meta.url });
      }
    },
  });
}

async function importPreset(path: string): Promise<Preset> {
  installHook();
  const { default: preset } = (await import(pathToFileURL(path).href)) as { default?: Partial<Preset> };
  if (typeof preset?.open !== 'function' || typeof preset.name !== 'string')
    throw new Error(
      'its default export is no preset: expected an object with name and open, see docs/sources/websocket.md',
    );
  return { doc: '', channels: ['default'], needs: [], checkSymbol: () => undefined, ...preset } as Preset;
}

/** What a JSON preset may say, with what it leaves out. */
const DEFAULTS: Omit<FeedDefinition, 'urls' | 'records' | 'name'> = {
  headers: {},
  subprotocols: [],
  subscribe: [],
  unsubscribe: [],
  acknowledged: null,
  acknowledgements: null,
  refused: null,
  ignored: null,
  subscribeIntervalMs: 0,
  heartbeat: [],
  symbolsPerConnection: Number.POSITIVE_INFINITY,
  oneConnection: false,
  contiguous: false,
  timing: {},
};

const RECORD_DEFAULTS: RecordsDefinition = {
  path: '',
  format: 'json',
  key: null,
  timestamp: null,
  timestampUnit: 'auto',
  id: null,
  sequence: null,
  filter: [],
  decimalsAsText: false,
  tick: null,
};

function readPreset(name: string, text: string): Preset {
  const json: unknown = JSON.parse(text);
  if (!isPlainObject(json)) throw new Error('expected a JSON object');
  const { records = {}, ...rest } = json;
  if (!isPlainObject(records)) throw new Error("'records' must be an object");
  refuseUnknown(rest, { ...DEFAULTS, name: '', urls: [], needs: [] }, '');
  refuseUnknown(records, RECORD_DEFAULTS, 'records.');
  const { needs = [], ...own } = rest as { needs?: Preset['needs'] };
  if (needs.some((one) => !NEEDS.includes(one))) throw new Error(`'needs' may list ${NEEDS.join(', ')}`);
  const definition = {
    name,
    urls: [],
    ...DEFAULTS,
    ...own,
    records: { ...RECORD_DEFAULTS, ...records },
  } as unknown as FeedDefinition;
  const open: Preset['open'] = (options): PresetFeed => defineFeed(definition, options);
  open({ channel: 'default', key: '', secret: '' }); // tells what is wrong with templates and paths
  return { name: definition.name, doc: '', channels: ['default'], needs, checkSymbol: () => undefined, open };
}

/** Names and kinds of values are checked against the defaults. */
function refuseUnknown(given: Readonly<Record<string, unknown>>, known: object, prefix: string): void {
  for (const [key, value] of Object.entries(given)) {
    if (!Object.hasOwn(known, key))
      throw new Error(`'${prefix}${key}' is not known; there are ${Object.keys(known).join(', ')}`);
    const like = (known as Record<string, unknown>)[key];
    if (like !== null && (typeof like !== typeof value || Array.isArray(like) !== Array.isArray(value)))
      throw new Error(`'${prefix}${key}' must be ${Array.isArray(like) ? 'an array' : `of type ${typeof like}`}`);
  }
}
