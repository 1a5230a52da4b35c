/** Reads single values of client configs; what does not fit is a ConfigError that names the key. */
import { ConfigError } from '@tributary/api';

type Configs = Readonly<Record<string, string>>;

/** Absent and empty values are undefined. */
export function text(configs: Configs, key: string): string | undefined {
  const value = configs[key];
  return value === undefined || value === null || String(value).trim() === '' ? undefined : String(value);
}

export function integer(configs: Configs, key: string, min: number): number | undefined {
  const value = text(configs, key)?.trim();
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!/^[+-]?\d+$/.test(value) || !Number.isSafeInteger(number) || number < min)
    throw new ConfigError(`Invalid value ${value} for configuration ${key}: must be an integer of at least ${min}`);
  return number;
}

export function oneOf<T extends string>(
  configs: Configs,
  key: string,
  allowed: readonly T[],
  prefix = '',
): T | undefined {
  const value = text(configs, key)?.trim().toLowerCase();
  if (value === undefined) return undefined;
  if (!(allowed as readonly string[]).includes(value))
    throw new ConfigError(
      `Invalid value ${value} for configuration ${prefix}${key}: must be one of ${allowed.join(', ')}`,
    );
  return value as T;
}

export function flag(configs: Configs, key: string): boolean | undefined {
  const value = oneOf(configs, key, ['true', 'false']);
  return value === undefined ? undefined : value === 'true';
}
