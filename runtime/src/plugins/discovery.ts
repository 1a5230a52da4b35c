import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { messageOf } from '@tributary/api';
import { type Manifest, parseManifest } from './manifest.ts';

/** A package with a manifest, or a lone module whose definitions are only known once it is loaded. */
export type Found =
  | { readonly type: 'package'; readonly name: string; readonly folder: string; readonly manifest: Manifest }
  | { readonly type: 'module'; readonly file: string };

export interface Discovery {
  readonly found: readonly Found[];
  /** What was there but cannot be used, and why. */
  readonly problems: readonly string[];
}

const MODULE = /\.(m?js|m?ts)$/;
const NOT_A_PLUGIN = /(\.d\.m?ts|\.test\.m?[jt]s|\.config\.m?[jt]s)$/;

interface PackageJson {
  name?: string;
  tributary?: unknown;
}

function readPackage(folder: string): PackageJson | null {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageJson;
  } catch {
    return null;
  }
}

function packagesIn(nodeModules: string): string[] {
  if (!existsSync(nodeModules)) return [];
  return readdirSync(nodeModules).flatMap((name) => {
    if (name.startsWith('.')) return [];
    const folder = join(nodeModules, name);
    return name.startsWith('@') ? readdirSync(folder).map((inner) => join(folder, inner)) : [folder];
  });
}

/** `node_modules` of the folder and of those above it, as Node looks packages up. */
function nodeModulesAbove(folder: string): string[] {
  const parent = dirname(folder);
  return [join(folder, 'node_modules'), ...(parent === folder ? [] : nodeModulesAbove(parent))];
}

/**
 * Looks for plugins. In `node_modules` only packages with a manifest count. On `plugin.path` each folder may be a package, or
 * hold packages and lone modules.
 * @param from where to look for node_modules: the worker's own folder and the working directory
 */
export function discoverPlugins(pluginPath: readonly string[], from: readonly string[]): Discovery {
  const found: Found[] = [];
  const problems: string[] = [];
  const seen = new Set<string>();

  const takePackage = (folder: string, json: PackageJson): void => {
    const real = realpathSync(folder);
    if (seen.has(real)) return;
    seen.add(real);
    const name = json.name ?? real;
    try {
      found.push({ type: 'package', name, folder: real, manifest: parseManifest(name, json.tributary) });
    } catch (error) {
      problems.push(messageOf(error));
    }
  };
  const takeModule = (file: string): void => {
    const real = realpathSync(file);
    if (!seen.has(real)) found.push({ type: 'module', file: real });
    seen.add(real);
  };

  for (const entry of pluginPath) {
    const path = resolve(entry);
    if (!existsSync(path)) {
      problems.push(`plugin.path: ${path} does not exist`);
      continue;
    }
    if (/\.(jar|zip)$/i.test(path)) {
      problems.push(`plugin.path: ${path} is a Java archive; plugins here are npm packages or JavaScript modules`);
      continue;
    }
    if (statSync(path).isFile()) {
      takeModule(path);
      continue;
    }
    const own = readPackage(path);
    if (own?.tributary !== undefined) {
      takePackage(path, own);
      continue;
    }
    const before = found.length;
    for (const name of readdirSync(path).sort()) {
      const inner = join(path, name);
      if (MODULE.test(name) && !NOT_A_PLUGIN.test(name)) takeModule(inner);
      if (name === 'node_modules' || name.startsWith('.') || !statSync(inner).isDirectory()) continue;
      const folders = name.startsWith('@') ? readdirSync(inner).map((scoped) => join(inner, scoped)) : [inner];
      for (const folder of folders) {
        const json = readPackage(folder);
        if (json?.tributary !== undefined) takePackage(folder, json);
        else if (json)
          problems.push(
            `plugin.path: ${folder} has a package.json without a "tributary" section that lists its plugins`,
          );
        else
          for (const file of readdirSync(folder).sort())
            if (MODULE.test(file) && !NOT_A_PLUGIN.test(file)) takeModule(join(folder, file));
      }
    }
    if (found.length === before) {
      const jars = readdirSync(path, { recursive: true }).some((file) => String(file).endsWith('.jar'));
      problems.push(
        jars
          ? `plugin.path: ${path} holds Java plugins (jars), which cannot run here; plugins are npm packages or JavaScript modules`
          : `plugin.path: no plugins in ${path}`,
      );
    }
  }
  for (const folder of new Set(from.flatMap((start) => nodeModulesAbove(resolve(start))))) {
    for (const candidate of packagesIn(folder)) {
      const json = readPackage(candidate);
      if (json?.tributary !== undefined) takePackage(candidate, json);
    }
  }
  return { found, problems };
}
