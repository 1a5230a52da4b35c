import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, defineConfigProvider, messageOf } from '@tributary/api';
import { CONNECT_VERSION } from '../../version.ts';
import { allowedPaths, allowedPathsConfig } from './allowed-paths.ts';

const missing = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');

/** The contents of a file; undefined if there is no such regular file. */
async function contentOf(folder: string, name: string): Promise<string | undefined> {
  // A key is the name of a file in the folder, never a way out of it.
  if (name === '' || name === '.' || name === '..' || /[/\\\0]/.test(name)) return undefined;
  const file = join(folder, name);
  try {
    return (await stat(file)).isFile() ? await readFile(file, 'utf8') : undefined;
  } catch (error) {
    if (missing(error)) return undefined;
    throw new ConfigError(`Could not read file ${file}: ${messageOf(error)}`, { cause: error });
  }
}

/** Files of a folder, each a value, as Kubernetes mounts secrets: `${directory:/path/to/folder:file}`. */
export const directoryConfigProvider = defineConfigProvider({
  class: 'org.apache.kafka.common.config.provider.DirectoryConfigProvider',
  version: CONNECT_VERSION,
  doc: 'Reads the files of a folder, the whole of each as one value.',
  config: allowedPathsConfig,
  create(config) {
    const allowed = allowedPaths(config['allowed.paths']);
    return {
      async get(path, keys) {
        if (path === '') return { data: {} };
        const folder = allowed(path);
        const isFolder = await stat(folder).then(
          (found) => found.isDirectory(),
          () => false,
        );
        if (!isFolder) throw new ConfigError(`The path ${path} is not a directory`);
        const found = await Promise.all(keys.map(async (key) => [key, await contentOf(folder, key)] as const));
        return {
          data: Object.fromEntries(found.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]))),
        };
      },
    };
  },
});
