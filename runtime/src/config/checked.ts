import { type ConfigDef, type ConfigKey, type Props, parseConfig, recommendedValues } from '@tributary/api';
import { type ConfigKeyInfo, describeKey, valueText } from './describe.ts';

/** The answer of `config/validate` (Connect's ConfigInfos). */
export interface ConfigInfos {
  readonly name: string;
  readonly error_count: number;
  readonly groups: readonly string[];
  readonly configs: readonly ConfigInfo[];
}

export interface ConfigInfo {
  readonly definition: ConfigKeyInfo;
  readonly value: ConfigValueInfo;
}

export interface ConfigValueInfo {
  readonly name: string;
  readonly value: string | null;
  readonly recommended_values: readonly string[];
  readonly errors: readonly string[];
  readonly visible: boolean;
}

/** A key of a config with what became of it. */
export interface Checked {
  readonly name: string;
  readonly key: ConfigKey;
  /** Undefined where it has no valid value; null where the class that it names is missing. */
  value: unknown;
  /** The value as it is shown: also one that only breaks a rule. */
  shown: unknown;
  readonly errors: string[];
  readonly config: Readonly<Record<string, unknown>>;
}

/** The key without its rules: whatever has the right type has a value. */
const withoutRules = (key: ConfigKey): ConfigKey => ({
  ...key,
  min: null,
  max: null,
  oneOf: null,
  nonEmpty: false,
  validate: null,
});

export function check(def: ConfigDef, props: Props): Checked[] {
  const { config, errors } = parseConfig(def, props);
  const valid = config as Record<string, unknown>;
  return Object.entries(def).map(([name, key]) => ({
    name,
    key,
    value: valid[name],
    shown: errors.has(name)
      ? parseConfig({ [name]: withoutRules(key) }, props).config[name]
      : key.caseSensitive
        ? valid[name]
        : (props[name]?.trim() ?? valid[name]),
    errors: [...(errors.get(name) ?? [])],
    config: valid,
  }));
}

/** The class that the key names cannot be had. */
export function failClass(item: Checked, problem: string): void {
  item.errors.push(problem);
  item.value = null;
  item.shown = null;
}

export function infoOf(item: Checked, recommended?: readonly unknown[]): ConfigInfo {
  return {
    definition: describeKey(item.name, item.key),
    value: {
      name: item.name,
      value: valueText(item.key, item.shown),
      recommended_values: (recommended ?? recommendedValues(item.key, item.config)).map(String),
      errors: item.errors,
      visible: item.key.visible?.(item.config) ?? true,
    },
  };
}
