import { type ConfigKey, Secret } from '@tributary/api';

/** One key of a definition as the REST API shows it (Connect's ConfigKeyInfo); the order of the fields is part of it. */
export interface ConfigKeyInfo {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly default_value: string | null;
  readonly importance: string;
  readonly documentation: string;
  readonly group: string | null;
  readonly width: string;
  readonly display_name: string;
  readonly dependents: readonly string[];
  readonly order: number;
}

const HIDDEN = '[hidden]';

/** A parsed value as text, the way ConfigDef.convertToString writes it. */
export function valueText(key: ConfigKey, value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (key.type === 'PASSWORD' || value instanceof Secret) return HIDDEN;
  return Array.isArray(value) ? value.join(',') : String(value);
}

export function describeKey(name: string, key: ConfigKey): ConfigKeyInfo {
  return {
    name,
    type: key.type,
    required: key.required,
    default_value: valueText(key, key.default),
    importance: key.importance.toUpperCase(),
    documentation: key.doc,
    group: key.group,
    width: key.width.toUpperCase(),
    display_name: key.displayName ?? name,
    dependents: key.dependents,
    order: key.order,
  };
}
