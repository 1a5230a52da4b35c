import { existsSync, readFileSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { API_VERSION, ConfigError, type Definition, isDefinition, messageOf } from '@tributary/api';

/** Takes the arguments behind the command's name. @returns the exit code */
export type Command = (args: readonly string[]) => Promise<number>;

const API = /^@tributary\/api(\/.*)?$/;
let hooked = false;

/** Lets plugins import the api even where their folder has no copy of it: they get the runtime's. Per thread. */
export function installApiHook(): void {
  if (hooked) return;
  hooked = true;
  registerHooks({
    resolve(specifier, context, nextResolve) {
      if (!API.test(specifier)) return nextResolve(specifier, context);
      try {
        return nextResolve(specifier, context);
      } catch {
        return nextResolve(specifier, { ...context, parentURL: import.meta.url });
      }
    },
  });
}

/** The file of a package's module: a subpath of its `exports` where it has that, a file of its folder otherwise. */
function moduleFile(folder: string, module: string): string {
  const json = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name?: string; exports?: unknown };
  if (json.exports !== undefined && json.name !== undefined) {
    try {
      return createRequire(join(folder, 'package.json')).resolve(join(json.name, module));
    } catch {
      // Not among the exports: then it names a file.
    }
  }
  const file = join(folder, module);
  if (!existsSync(file)) throw new ConfigError(`${file} does not exist`);
  return file;
}

async function importFile(file: string): Promise<Record<string, unknown>> {
  installApiHook();
  return (await import(pathToFileURL(file).href)) as Record<string, unknown>;
}

function checked(definition: unknown, where: string): Definition {
  if (!isDefinition(definition))
    throw new ConfigError(`${where} is not a plugin definition (made with defineSource, defineSink ...)`);
  if (definition.apiVersion !== API_VERSION) {
    throw new ConfigError(
      `${where} was made for version ${definition.apiVersion} of the plugin API, this worker has version ${API_VERSION}`,
    );
  }
  return definition;
}

/** Loads one definition of a package. @throws ConfigError that names the class, the package and the cause */
export async function loadFromPackage(
  folder: string,
  className: string,
  module: string,
  exportName: string,
): Promise<Definition> {
  try {
    const exports = await importFile(moduleFile(folder, module));
    return checked(exports[exportName], `the export '${exportName}' of ${module}`);
  } catch (error) {
    throw new ConfigError(`The plugin ${className} cannot be loaded from ${folder}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** Loads what a command runs. @throws ConfigError that names the command, the package and the cause */
export async function loadCommand(folder: string, name: string, module: string): Promise<Command> {
  try {
    const { default: command } = await importFile(moduleFile(folder, module));
    if (typeof command !== 'function') throw new ConfigError(`the default export of ${module} is no function`);
    return command as Command;
  } catch (error) {
    throw new ConfigError(`The command ${name} cannot be loaded from ${folder}: ${messageOf(error)}`, { cause: error });
  }
}

/** Loads every definition that a lone module exports. @throws ConfigError if there is none, or the module fails */
export async function loadModule(file: string): Promise<readonly Definition[]> {
  try {
    const exports = await importFile(file);
    const definitions = Object.values(exports).filter(isDefinition);
    if (definitions.length === 0)
      throw new ConfigError('it exports no plugin definition (made with defineSource, defineSink ...)');
    return [...new Set(definitions)].map((definition) => checked(definition, definition.class));
  } catch (error) {
    throw new ConfigError(`The plugin module ${file} cannot be loaded: ${messageOf(error)}`, { cause: error });
  }
}
