import type { Config, ConfigDef } from './config/keys.ts';
import { type Definition, define, type PluginInfo } from './plugin.ts';
import type { ConnectRecord } from './record.ts';

/** Returns the record, a new one in its place, or null to drop it. Throws to fail it. Never changes the record it was given. */
export type RecordTransform = <R extends ConnectRecord>(record: R) => R | null;

/** What became of one record of a batch: itself or another, none (null), several, or an error. */
export type TransformResult<R extends ConnectRecord> = R | null | readonly R[] | Error;

/** Returns as many results as there were records, result i for record i. */
export type BatchTransform = <R extends ConnectRecord>(
  records: readonly R[],
  signal: AbortSignal,
) => Promise<ReadonlyArray<TransformResult<R>>>;

export interface TransformContext {
  /** Has something called when the task ends, for what `create` opened. */
  onClose(close: () => void | Promise<void>): void;
}

export interface SynchronousTransform<D extends ConfigDef = ConfigDef> extends PluginInfo<D> {
  readonly asynchronous?: false;
  /** Called once for each task; caches belong into its closure. */
  create(config: Config<D>, context: TransformContext): RecordTransform;
}

/** For transforms that must wait, such as for a look-up. */
export interface AsynchronousTransform<D extends ConfigDef = ConfigDef> extends PluginInfo<D> {
  readonly asynchronous: true;
  create(config: Config<D>, context: TransformContext): BatchTransform | Promise<BatchTransform>;
}

export type TransformDefinition = Definition & { readonly kind: 'transformation' } & (
    | SynchronousTransform
    | AsynchronousTransform
  );

/** Defines a single-message transform (SMT). */
export function defineTransform<const D extends ConfigDef>(
  transform: SynchronousTransform<D>,
): SynchronousTransform<D> & Definition & { readonly kind: 'transformation' };
export function defineTransform<const D extends ConfigDef>(
  transform: AsynchronousTransform<D>,
): AsynchronousTransform<D> & Definition & { readonly kind: 'transformation' };
export function defineTransform(transform: PluginInfo): unknown {
  return define('transformation', transform);
}

export type RecordPredicate = (record: ConnectRecord) => boolean;

export interface Predicate<D extends ConfigDef = ConfigDef> extends PluginInfo<D> {
  create(config: Config<D>): RecordPredicate;
}

export type PredicateDefinition = Definition & { readonly kind: 'predicate' } & Predicate;

/** Defines a predicate, which says for each record whether a transform applies (KIP-585). */
export function definePredicate<const D extends ConfigDef>(
  predicate: Predicate<D>,
): Predicate<D> & Definition & { readonly kind: 'predicate' } {
  return define('predicate', predicate);
}
