import { ConfigError, messageOf, type Props } from '@tributary/api';
import type { PluginRegistry } from '../plugins/registry.ts';
import type { ConfigInfo, ConfigInfos } from './checked.ts';
import type { ConfigProviders, Resolved } from './config-providers.ts';
import { MASK } from './mask.ts';
import { secretKeys } from './secret-keys.ts';
import { redactor, type Secret } from './secrets.ts';
import { unknownKey } from './unknown-key.ts';
import { validateConnector } from './validation.ts';

/** The values that a config's secret keys have, and those that its references stand for. */
export async function secretsOf(registry: PluginRegistry, { props, secrets }: Resolved): Promise<readonly Secret[]> {
  const own = [...(await secretKeys(registry, props))].map((key): Secret => [props[key]!, MASK]);
  return [...own, ...secrets];
}

/** The answer without what references stand for: values show the reference, messages too. */
function withoutSecrets(
  infos: ConfigInfos,
  given: Props,
  { props, problems }: Resolved,
  redact: (text: string) => string,
): ConfigInfos {
  const configs = infos.configs.map(({ definition, value }): ConfigInfo => {
    const { name } = value;
    const [before, after] = [given[name] ?? '', props[name] ?? ''];
    const byReference = before !== after;
    const exact = (text: string): string =>
      byReference && after !== '' ? text.replace(`Invalid value ${after} `, () => `Invalid value ${before} `) : text;
    return {
      definition,
      value: {
        ...value,
        value: byReference && definition.type !== 'PASSWORD' ? before : value.value,
        recommended_values: value.recommended_values.map(redact),
        errors: problems.get(name) ?? value.errors.map((error) => redact(exact(error))),
      },
    };
  });
  const known = new Set(configs.map(({ value }) => value.name));
  for (const [name, errors] of problems) if (!known.has(name)) configs.push(unknownKey(name, given, errors));
  return { ...infos, configs, error_count: configs.reduce((sum, { value }) => sum + value.errors.length, 0) };
}

/**
 * Checks a connector's config as it was sent. References are looked up for the checks; nothing of what they stand for is in the
 * answer, nor are values of secret keys.
 * @param worker the worker's config, for the converters that a connector does not name
 * @throws ConfigError if the connector's class is missing or unknown
 */
export async function validateConfig(
  registry: PluginRegistry,
  providers: ConfigProviders,
  given: Props,
  worker: Props,
): Promise<ConfigInfos> {
  const resolved = await providers.resolve(given);
  const redact = redactor(await secretsOf(registry, resolved));
  try {
    const infos = await validateConnector(registry, resolved.props, worker, resolved.problems.size === 0);
    return withoutSecrets(infos, given, resolved, redact);
  } catch (error) {
    if (error instanceof ConfigError) throw new ConfigError(redact(messageOf(error)));
    throw error;
  }
}
