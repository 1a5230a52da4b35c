import type { Config, ConfigDef, ConfigKey, PartialConfig } from './keys.ts';
import { Secret } from './secret.ts';

/** A config as users give it: every value is text. Null stands for a value that was given as null. */
export type Props = Readonly<Record<string, string>>;

export interface ParseResult<D extends ConfigDef> {
  /** Complete only if there are no errors. */
  readonly config: Config<D>;
  /** What is wrong, by key, in the order found; keys without errors are missing. */
  readonly errors: ReadonlyMap<string, readonly string[]>;
}

const INTEGER = /^[+-]?\d+$/;
const RANGE: Partial<Record<ConfigKey['type'], readonly [number, number]>> = {
  INT: [-(2 ** 31), 2 ** 31 - 1],
  SHORT: [-(2 ** 15), 2 ** 15 - 1],
  LONG: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
};

class Unparsable extends Error {}

function parseText(key: ConfigKey, text: string): unknown {
  const trimmed = text.trim();
  switch (key.type) {
    case 'BOOLEAN':
      if (/^true$/i.test(trimmed)) return true;
      if (/^false$/i.test(trimmed)) return false;
      throw new Unparsable('Expected value to be either true or false');
    case 'INT':
    case 'SHORT':
    case 'LONG': {
      const [low, high] = RANGE[key.type]!;
      const value = Number(trimmed);
      if (!INTEGER.test(trimmed) || value < low || value > high)
        throw new Unparsable(`Not a number of type ${key.type}`);
      return value;
    }
    case 'DOUBLE': {
      const value = trimmed === '' ? Number.NaN : Number(trimmed);
      if (Number.isNaN(value)) throw new Unparsable('Not a number of type DOUBLE');
      return value;
    }
    case 'LIST': {
      const items = trimmed === '' ? [] : trimmed.split(/\s*,\s*/);
      return key.repeats ? items : [...new Set(items)];
    }
    case 'PASSWORD':
      return new Secret(text);
    default:
      return trimmed;
  }
}

function ruleBroken(key: ConfigKey, name: string, value: unknown): string | undefined {
  if (key.min !== null && (value as number) < key.min) return `Value must be at least ${key.min}`;
  if (key.max !== null && (value as number) > key.max) return `Value must be no more than ${key.max}`;
  if (key.nonEmpty && (value as string | readonly string[]).length === 0) {
    return Array.isArray(value) ? 'List must not be empty' : 'String must be non-empty';
  }
  if (key.oneOf) {
    const same = key.caseSensitive
      ? (a: string, b: string) => a === b
      : (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
    const stray = (Array.isArray(value) ? value : [value]).find(
      (item) => !key.oneOf!.some((allowed) => same(allowed, item)),
    );
    if (stray !== undefined)
      return `String must be one of${key.caseSensitive ? '' : ' (case insensitive)'}: ${key.oneOf.join(', ')}`;
  }
  return key.validate?.((value instanceof Secret ? value.reveal() : value) as never, name);
}

const canonical = (key: ConfigKey, value: unknown): unknown =>
  key.oneOf && !key.caseSensitive && typeof value === 'string'
    ? key.oneOf.find((allowed) => allowed.toLowerCase() === value.toLowerCase())
    : value;

/** Text as an error message may show it: cut short, and never a secret's. */
const shown = (key: ConfigKey, text: string): string =>
  key.type === 'PASSWORD' ? '[hidden]' : text.length > 200 ? `${text.slice(0, 200)}...` : text;

/**
 * Parses and checks the keys of a definition, every one, with the wording of Kafka's ConfigDef. Keys of `props` that the
 * definition does not know are left alone.
 */
export function parseConfig<D extends ConfigDef>(def: D, props: Props): ParseResult<D> {
  const config: Record<string, unknown> = {};
  const errors = new Map<string, string[]>();
  for (const [name, key] of Object.entries(def)) {
    const report = (message: string): void => {
      errors.set(name, [...(errors.get(name) ?? []), message]);
    };
    const text = Object.hasOwn(props, name) ? props[name] : undefined;
    if (text === undefined || text === null) {
      if (key.required) report(`Missing required configuration "${name}" which has no default value.`);
      else
        config[name] =
          key.type === 'PASSWORD' && typeof key.default === 'string' ? new Secret(key.default) : key.default;
      continue;
    }
    try {
      const value = parseText(key, text);
      const broken = ruleBroken(key, name, value);
      if (broken === undefined) config[name] = canonical(key, value);
      else report(`Invalid value ${shown(key, text.trim())} for configuration ${name}: ${broken}`);
    } catch (error) {
      if (!(error instanceof Unparsable)) throw error;
      report(`Invalid value ${shown(key, text)} for configuration ${name}: ${error.message}`);
    }
  }
  return { config: config as Config<D>, errors };
}

/** The values to offer for a key, given the others. */
export function recommendedValues(key: ConfigKey, config: PartialConfig): readonly unknown[] {
  return key.recommended?.(config) ?? [];
}
