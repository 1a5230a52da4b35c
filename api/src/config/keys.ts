import type { Secret } from './secret.ts';

/** Kafka's config types (org.apache.kafka.common.config.ConfigDef.Type). */
export type ConfigType = 'BOOLEAN' | 'STRING' | 'INT' | 'SHORT' | 'LONG' | 'DOUBLE' | 'LIST' | 'CLASS' | 'PASSWORD';
export type Importance = 'high' | 'medium' | 'low';
export type Width = 'none' | 'short' | 'medium' | 'long';

/** A parsed config as recommenders and visibility rules see it: keys without a valid value are missing. */
export type PartialConfig = Readonly<Record<string, unknown>>;

export interface KeyOptions<T> {
  /** Leave it out and the key is required; null and the key is optional without a value. */
  default?: T | null;
  /** Default: medium. */
  importance?: Importance;
  doc: string;
  /** Heads a section of forms and of the reference. Default: none. */
  group?: string | null;
  /** The place in the group, from 1. Default: -1, none. */
  order?: number;
  width?: Width;
  /** Default: the key itself. */
  displayName?: string;
  /** Keys whose recommended values or visibility hang on this one. */
  dependents?: readonly string[];
  /** Values offered to the user; others are allowed too. */
  recommended?: readonly T[] | ((config: PartialConfig) => readonly T[]);
  /** Whether the key matters, given the others. Default: always. */
  visible?: (config: PartialConfig) => boolean;
  /** Returns what is wrong with the value, or nothing. Not called for null. */
  validate?: (value: T, key: string) => string | undefined;
}

export interface NumberOptions extends KeyOptions<number> {
  min?: number;
  max?: number;
}

export interface TextOptions<V extends string> extends KeyOptions<V> {
  /** The only values allowed. */
  oneOf?: readonly V[];
  /** How `oneOf` compares. Default: true. */
  caseSensitive?: boolean;
  /** Whether the empty string is refused. Default: false. */
  nonEmpty?: boolean;
}

export interface ListOptions extends KeyOptions<readonly string[]> {
  oneOf?: readonly string[];
  nonEmpty?: boolean;
  /** Whether repeated items are kept, for lists whose places matter. Default: false, they are dropped. */
  repeats?: boolean;
}

declare const PARSED: unique symbol;

/** One key of a config definition; `T` is the type of its parsed value. */
export interface ConfigKey<T = unknown> {
  readonly type: ConfigType;
  readonly required: boolean;
  readonly default: unknown;
  readonly importance: Importance;
  readonly doc: string;
  readonly group: string | null;
  readonly order: number;
  readonly width: Width;
  readonly displayName: string | null;
  readonly dependents: readonly string[];
  readonly recommended: ((config: PartialConfig) => readonly unknown[]) | null;
  readonly visible: ((config: PartialConfig) => boolean) | null;
  readonly validate: ((value: never, key: string) => string | undefined) | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly oneOf: readonly string[] | null;
  readonly caseSensitive: boolean;
  readonly nonEmpty: boolean;
  readonly repeats: boolean;
  readonly [PARSED]?: T;
}

/** The keys of a plugin's config, by name. */
export type ConfigDef = Readonly<Record<string, ConfigKey>>;

/** What a config is after parsing: each key with its default applied, null where there is neither value nor default. */
export type Config<D extends ConfigDef> = {
  readonly [K in keyof D]: D[K] extends ConfigKey<infer T> ? T : never;
};

/** Null is part of the parsed type only where the default is null. */
type Parsed<O, T> = O extends { default: null } ? T | null : T;

type AnyOptions = KeyOptions<never> & Partial<NumberOptions & TextOptions<string> & ListOptions>;

function key(type: ConfigType, given: unknown): ConfigKey<never> {
  const options = given as AnyOptions;
  const { recommended } = options as {
    recommended?: readonly unknown[] | ((config: PartialConfig) => readonly unknown[]);
  };
  return {
    type,
    required: options.default === undefined,
    default: options.default,
    importance: options.importance ?? 'medium',
    doc: options.doc,
    group: options.group ?? null,
    order: options.order ?? -1,
    width: options.width ?? 'none',
    displayName: options.displayName ?? null,
    dependents: options.dependents ?? [],
    recommended: typeof recommended === 'function' ? recommended : recommended ? () => recommended : null,
    visible: options.visible ?? null,
    validate: options.validate ?? null,
    min: options.min ?? null,
    max: options.max ?? null,
    oneOf: options.oneOf ?? null,
    caseSensitive: options.caseSensitive ?? true,
    nonEmpty: options.nonEmpty ?? false,
    repeats: options.repeats ?? false,
  };
}

/** Text. With `oneOf`, the parsed type is the union of those values. */
export function string<const V extends string, const O extends TextOptions<V> & { oneOf: readonly V[] }>(
  options: O & { oneOf: readonly V[] },
): ConfigKey<Parsed<O, V>>;
export function string<const O extends TextOptions<string>>(options: O): ConfigKey<Parsed<O, string>>;
export function string(options: unknown): ConfigKey<never> {
  return key('STRING', options);
}

/** A whole number of 32 bits. */
export function int<const O extends NumberOptions>(options: O): ConfigKey<Parsed<O, number>> {
  return key('INT', options);
}

/** A whole number of 16 bits. */
export function short<const O extends NumberOptions>(options: O): ConfigKey<Parsed<O, number>> {
  return key('SHORT', options);
}

/** A whole number, at most 2^53 - 1 either way: beyond that a JavaScript number is not exact, and the value is refused. */
export function long<const O extends NumberOptions>(options: O): ConfigKey<Parsed<O, number>> {
  return key('LONG', options);
}

export function double<const O extends NumberOptions>(options: O): ConfigKey<Parsed<O, number>> {
  return key('DOUBLE', options);
}

/** `true` or `false`, in any case. */
export function boolean<const O extends KeyOptions<boolean>>(options: O): ConfigKey<Parsed<O, boolean>> {
  return key('BOOLEAN', options);
}

/** Texts separated by commas, trimmed; repeated ones are dropped, as Kafka does from 4.3 on, unless `repeats` says otherwise. */
export function list<const O extends ListOptions>(options: O): ConfigKey<Parsed<O, readonly string[]>> {
  return key('LIST', options);
}

/** The name of a plugin: a full class name or an alias. */
export function className<const O extends TextOptions<string>>(options: O): ConfigKey<Parsed<O, string>> {
  return key('CLASS', options);
}

/** A secret: never shown in answers, logs or the reference. */
export function password<const O extends KeyOptions<string>>(options: O): ConfigKey<Parsed<O, Secret>> {
  return key('PASSWORD', options);
}
