import type { Config, ConfigDef } from './config/keys.ts';
import { type Definition, define, type PluginInfo } from './plugin.ts';
import type { Schema } from './schema.ts';

export interface SchemaAndValue {
  readonly schema: Schema | null;
  readonly value: unknown;
}

/** Translates between the bytes in Kafka and values with schemas. Both directions throw DataError for what they cannot translate. */
export interface Converter {
  /** Null bytes make a tombstone. A promise may be returned where a look-up is needed; the batch then waits for it. */
  fromConnect(topic: string, schema: Schema | null, value: unknown): Uint8Array | null | Promise<Uint8Array | null>;
  toConnect(topic: string, bytes: Uint8Array | null): SchemaAndValue | Promise<SchemaAndValue>;
  close?(): void | Promise<void>;
}

export interface ConverterContext {
  readonly isKey: boolean;
}

export interface ConverterPlugin<D extends ConfigDef = ConfigDef> extends PluginInfo<D> {
  create(config: Config<D>, context: ConverterContext): Converter;
}

export type ConverterDefinition = Definition & { readonly kind: 'converter' } & ConverterPlugin;

export function defineConverter<const D extends ConfigDef>(
  converter: ConverterPlugin<D>,
): ConverterPlugin<D> & Definition & { readonly kind: 'converter' } {
  return define('converter', converter);
}

export interface HeaderConverter {
  fromConnectHeader(topic: string, key: string, schema: Schema | null, value: unknown): Uint8Array | null;
  toConnectHeader(topic: string, key: string, bytes: Uint8Array | null): SchemaAndValue;
}

export interface HeaderConverterPlugin<D extends ConfigDef = ConfigDef> extends PluginInfo<D> {
  create(config: Config<D>): HeaderConverter;
}

export type HeaderConverterDefinition = Definition & { readonly kind: 'header_converter' } & HeaderConverterPlugin;

export function defineHeaderConverter<const D extends ConfigDef>(
  converter: HeaderConverterPlugin<D>,
): HeaderConverterPlugin<D> & Definition & { readonly kind: 'header_converter' } {
  return define('header_converter', converter);
}
