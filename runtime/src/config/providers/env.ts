import { ConfigError, defineConfigProvider, messageOf, string } from '@tributary/api';
import { javaRegExp } from '@tributary/api/text';
import { CONNECT_VERSION } from '../../version.ts';

/** Variables of the worker's environment: `${env:NAME}`. */
export const envVarConfigProvider = defineConfigProvider({
  class: 'org.apache.kafka.common.config.provider.EnvVarConfigProvider',
  version: CONNECT_VERSION,
  doc: "Reads variables of the worker's environment.",
  config: {
    'allowlist.pattern': string({
      default: '.*',
      doc: 'A pattern that the whole name of a variable must match. Default: all variables.',
      validate: (pattern) => {
        try {
          javaRegExp(pattern);
          return undefined;
        } catch (error) {
          return messageOf(error);
        }
      },
    }),
  },
  create(config) {
    const pattern = javaRegExp(config['allowlist.pattern']);
    const variables = new Map(
      Object.entries(process.env).flatMap(([name, value]) =>
        value !== undefined && pattern.matches(name) ? [[name, value]] : [],
      ),
    );
    return {
      get(path, keys) {
        if (path !== '')
          throw new ConfigError(
            `Path is not supported for EnvVarConfigProvider, invalid value '${path}': write \${env:NAME}`,
          );
        return {
          data: Object.fromEntries(
            keys.flatMap((key) => {
              const value = variables.get(key);
              return value === undefined ? [] : [[key, value]];
            }),
          ),
        };
      },
    };
  },
});
