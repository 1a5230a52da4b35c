import { existsSync } from 'node:fs';
import { isAbsolute, normalize, sep } from 'node:path';
import { ConfigError, string } from '@tributary/api';

/** The key of the providers that read files. */
export const allowedPathsConfig = {
  'allowed.paths': string({
    default: null,
    doc: 'Folders and files that may be read, absolute, with commas between. Default: all that the worker may read.',
  }),
};

const trimmed = (path: string): string => (path.length > 1 && path.endsWith(sep) ? path.slice(0, -1) : path);

/**
 * Keeps a provider to `allowed.paths`. Symbolic links are followed, as in Java.
 * @returns gives the path to read @throws ConfigError if a path of the list is relative or missing
 */
export function allowedPaths(list: string | null): (path: string) => string {
  if (!list) return (path) => path;
  const allowed = list.split(',').map((path) => {
    const plain = trimmed(normalize(path));
    if (path === '' || !isAbsolute(plain)) throw new ConfigError(`allowed.paths: Path ${path} is not absolute`);
    if (!existsSync(plain)) throw new ConfigError(`allowed.paths: Path ${plain} does not exist`);
    return plain;
  });
  return (path) => {
    const plain = trimmed(normalize(path));
    if (!allowed.some((base) => plain === base || base === sep || plain.startsWith(base + sep)))
      throw new ConfigError(`The path ${path} is not allowed to be accessed: it is not under allowed.paths`);
    return plain;
  };
}
