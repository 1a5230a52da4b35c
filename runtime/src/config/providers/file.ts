import { readFile } from 'node:fs/promises';
import { ConfigError, defineConfigProvider, messageOf } from '@tributary/api';
import { CONNECT_VERSION } from '../../version.ts';
import { parseProperties } from '../properties.ts';
import { allowedPaths, allowedPathsConfig } from './allowed-paths.ts';

/** Values of a .properties file: `${file:/path/to/file.properties:key}`. */
export const fileConfigProvider = defineConfigProvider({
  class: 'org.apache.kafka.common.config.provider.FileConfigProvider',
  version: CONNECT_VERSION,
  doc: 'Reads values from .properties files.',
  config: allowedPathsConfig,
  create(config) {
    const allowed = allowedPaths(config['allowed.paths']);
    return {
      async get(path) {
        if (path === '') return { data: {} };
        const file = allowed(path);
        try {
          const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await readFile(file));
          return { data: parseProperties(text) };
        } catch (error) {
          throw new ConfigError(`Could not read properties from file ${path}: ${messageOf(error)}`, { cause: error });
        }
      },
    };
  },
});
