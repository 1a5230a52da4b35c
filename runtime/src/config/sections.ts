import {
  boolean,
  type ConfigDef,
  type ConfigKey,
  className,
  messageOf,
  type PluginKind,
  type Props,
  parseConfig,
  string,
} from '@tributary/api';
import { PLUGIN_KINDS } from '../plugins/manifest.ts';
import type { PluginRegistry } from '../plugins/registry.ts';
import { commonConfig } from './connector-config.ts';
import { versionProblem } from './plugin-versions.ts';

/** The keys of one transform or predicate, under its prefix, and what is wrong with them beyond the definition. */
export interface Section {
  /** The type comes first. */
  readonly def: ConfigDef;
  /** Why the class cannot be had, or null. */
  readonly typeProblem: string | null;
  readonly problems: ReadonlyMap<string, readonly string[]>;
  readonly recommended: ReadonlyMap<string, readonly string[]>;
}

const CONVERTER_KINDS: Readonly<Record<string, readonly PluginKind[]>> = {
  'key.converter': ['converter'],
  'value.converter': ['converter'],
  'header.converter': ['header_converter'],
};

export const CONVERTER_KEYS: ReadonlySet<string> = new Set(Object.keys(CONVERTER_KINDS));

/** Which kinds of plugin a converter's key takes; undefined for other keys. */
export function converterKinds(key: string): readonly PluginKind[] | undefined {
  return CONVERTER_KINDS[key];
}

const IMPORTANCE = { high: 0, medium: 1, low: 2 } as const;

/** The order in which Java lists the keys of an embedded definition: order, required ones, importance, name. */
function embeddedOrder([a, left]: readonly [string, ConfigKey], [b, right]: readonly [string, ConfigKey]): number {
  return (
    left.order - right.order ||
    Number(right.required) - Number(left.required) ||
    IMPORTANCE[left.importance] - IMPORTANCE[right.importance] ||
    (a < b ? -1 : 1)
  );
}

/** Keys of a transform that say when it applies (KIP-585). */
const CONDITION: ConfigDef = {
  predicate: string({
    doc: 'The alias of the predicate that decides for each record whether this transform applies.',
    default: null,
  }),
  negate: boolean({ doc: 'Whether the transform applies where the predicate does not hold.', default: false }),
};

async function section(
  registry: PluginRegistry,
  props: Props,
  what: 'Transform' | 'Predicate',
  alias: string,
): Promise<Section> {
  const kind: PluginKind = what === 'Transform' ? 'transformation' : 'predicate';
  const prefix = `${what.toLowerCase()}s.${alias}.`;
  const group = `${what}s: ${alias}`;
  const typeKey = `${prefix}type`;
  let typeProblem: string | null = null;
  const title = what === 'Transform' ? 'Transformation' : what;
  let own: ConfigDef = {};
  let version: string | null = null;
  const type = props[typeKey]?.trim();
  const range = props[`${prefix}plugin.version`];
  const mismatch = versionProblem(registry, [kind], type, range);
  const problems = new Map(mismatch ? [typeKey, `${prefix}plugin.version`].map((key) => [key, [mismatch]]) : []);
  if (type) {
    try {
      const plugin = registry.find([kind], type, mismatch ? undefined : range);
      if (plugin) {
        if (!mismatch) own = { ...(await plugin.load()).config, ...(what === 'Transform' ? CONDITION : {}) };
        version = plugin.version;
      } else {
        const other = registry.find(PLUGIN_KINDS, type);
        if (other) problems.set(typeKey, [`Class class ${other.class} does not implement the ${title} interface`]);
        else typeProblem = `Invalid value ${type} for configuration ${typeKey}: Class ${type} could not be found.`;
      }
    } catch (error) {
      typeProblem = `Invalid value ${type} for configuration ${typeKey}: ${messageOf(error)}`;
    }
  }
  const head: ConfigDef = {
    [typeKey]: className({
      doc: `The class of the ${title.toLowerCase()} '${alias}'.`,
      importance: 'high',
      group,
      order: 0,
      width: 'long',
      displayName: `${title} type for ${alias}`,
    }),
    [`${prefix}plugin.version`]: string({
      doc: `The version of the ${title.toLowerCase()} '${alias}', or a range.`,
      default: version,
      importance: 'high',
      group,
      order: 1,
      width: 'long',
      displayName: `${title} version for ${alias}`,
    }),
  };
  const embedded = Object.entries(own)
    .sort(embeddedOrder)
    .map(([name, key], i): [string, ConfigKey] => [
      prefix + name,
      { ...key, group, order: i + 2, displayName: key.displayName ?? name },
    ]);
  const recommended = new Map([[typeKey, registry.list(kind).map((plugin) => plugin.class)]]);
  if (version) recommended.set(`${prefix}plugin.version`, [version]);
  return { def: { ...head, ...Object.fromEntries(embedded) }, typeProblem, problems, recommended };
}

/** The sections of the transforms and predicates that a config names. Checks what holds between them. */
export async function chainSections(registry: PluginRegistry, props: Props): Promise<Section[]> {
  const { config } = parseConfig({ transforms: commonConfig.transforms, predicates: commonConfig.predicates }, props);
  const predicates = config.predicates ?? [];
  const sections: Section[] = [];
  for (const alias of config.transforms ?? []) {
    const made = await section(registry, props, 'Transform', alias);
    const problems = new Map(made.problems);
    const [predicate, negate] = [props[`transforms.${alias}.predicate`], props[`transforms.${alias}.negate`]];
    if (predicate !== undefined && !predicates.includes(predicate)) {
      problems.set(`transforms.${alias}.predicate`, [
        `Invalid value ${predicate} for configuration transforms.${alias}.predicate: there is no predicate with this alias; list it under 'predicates'`,
      ]);
    }
    if (negate !== undefined && predicate === undefined) {
      problems.set(`transforms.${alias}.type`, [
        `Config 'transforms.${alias}.negate' was provided but there is no config 'transforms.${alias}.predicate' defining a predicate to be negated.`,
      ]);
    }
    sections.push({ ...made, problems });
  }
  for (const alias of predicates) sections.push(await section(registry, props, 'Predicate', alias));
  return sections;
}
