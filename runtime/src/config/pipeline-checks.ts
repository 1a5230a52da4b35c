import { type ConfigKey, messageOf, type PluginKind, type Props } from '@tributary/api';
import type { PluginRegistry } from '../plugins/registry.ts';
import { type Checked, check, failClass } from './checked.ts';
import { commonConfig } from './connector-config.ts';
import { versionProblem } from './plugin-versions.ts';
import { chainSections, converterKinds } from './sections.ts';

/** Whether the class of a CLASS key is there; if not, what to say. */
export function classProblem(
  registry: PluginRegistry,
  kinds: readonly PluginKind[],
  name: string,
  value: unknown,
): string | undefined {
  if (typeof value !== 'string') return undefined;
  try {
    return registry.find(kinds, value)
      ? undefined
      : `Invalid value ${value} for configuration ${name}: Class ${value} could not be found.`;
  } catch (error) {
    return `Invalid value ${value} for configuration ${name}: ${messageOf(error)}`;
  }
}

/** Fails the keys that name a converter which is not there, or not in the version that is asked for. */
export function checkConverterClasses(registry: PluginRegistry, items: readonly Checked[]): void {
  for (const item of items) {
    const kinds = converterKinds(item.name);
    if (!kinds || typeof item.value !== 'string') continue;
    const problem = classProblem(registry, kinds, item.name, item.value);
    if (problem) failClass(item, problem);
    else item.shown = registry.find(kinds, item.value)!.class;
    const version = items.find(({ name }) => name === `${item.name}.plugin.version`)!;
    const mismatch = versionProblem(registry, kinds, item.value ?? undefined, (version.value as string) ?? undefined);
    if (mismatch) for (const both of [item, version]) both.errors.push(mismatch);
  }
}

/** The keys of the converters that the connector itself names. */
export async function checkConverters(
  registry: PluginRegistry,
  common: readonly Checked[],
  props: Props,
): Promise<readonly Checked[]> {
  const checked: Checked[] = [];
  for (const { name, value } of common) {
    const kinds = converterKinds(name);
    if (!kinds || typeof value !== 'string' || props[name] === undefined) continue;
    const range = props[`${name}.plugin.version`];
    if (versionProblem(registry, kinds, value, range)) continue;
    const plugin = registry.find(kinds as readonly ['converter' | 'header_converter'], value, range);
    if (!plugin) continue;
    const prefix = `${name}.`;
    const def = Object.entries((await plugin.load()).config).map(([key, item]): [string, ConfigKey] => [
      prefix + key,
      { ...item, displayName: item.displayName ?? key },
    ]);
    const type = { [`${prefix}converter.type`]: name.slice(0, name.indexOf('.')) };
    checked.push(...check(Object.fromEntries(def), { ...props, ...type }));
  }
  return checked;
}

/** A key of a transform or predicate, and the values that are recommended for it. */
export interface ChainItem {
  readonly item: Checked;
  readonly recommended: readonly string[] | undefined;
}

/** The keys of the transforms and predicates that the config names. */
export async function checkChain(registry: PluginRegistry, props: Props): Promise<readonly ChainItem[]> {
  return (await chainSections(registry, props)).flatMap((section) => {
    const items = check(section.def, props);
    if (section.typeProblem) failClass(items[0]!, section.typeProblem);
    for (const item of items) item.errors.push(...(section.problems.get(item.name) ?? []));
    return items.map((item) => ({ item, recommended: section.recommended.get(item.name) }));
  });
}

/**
 * What is wrong with the transforms, predicates, converters and `errors.*` of a config, every error at once, in Java's words. What it
 * says of a connector's own keys does not matter.
 */
export async function pipelineErrors(registry: PluginRegistry, props: Props): Promise<readonly string[]> {
  const { name: _name, 'connector.class': _class, ...keys } = commonConfig;
  const common = check(keys, props);
  checkConverterClasses(registry, common);
  const chain = await checkChain(registry, props);
  const converters = await checkConverters(registry, common, props);
  return [...common, ...chain.map(({ item }) => item), ...converters].flatMap(({ errors }) => errors);
}
