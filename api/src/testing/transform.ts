import type { ConfigDef } from '../config/keys.ts';
import type { Props } from '../config/parse.ts';
import type { ConnectRecord } from '../record.ts';
import type { AsynchronousTransform, SynchronousTransform, TransformContext, TransformResult } from '../transform.ts';
import { parseOrThrow } from './config.ts';

/**
 * Applies a transform to one record, with a config of its own keys (`field`, not `transforms.x.field`).
 * @returns what the transform returned; a promise of it for an asynchronous one
 * @throws ConfigError for an invalid config, with every message; else what the transform throws
 */
export function applyTransform<D extends ConfigDef, R extends ConnectRecord>(
  definition: SynchronousTransform<D>,
  props: Props,
  record: R,
): R | null;
export function applyTransform<D extends ConfigDef, R extends ConnectRecord>(
  definition: AsynchronousTransform<D>,
  props: Props,
  record: R,
): Promise<TransformResult<R>>;
export function applyTransform<D extends ConfigDef, R extends ConnectRecord>(
  definition: SynchronousTransform<D> | AsynchronousTransform<D>,
  props: Props,
  record: R,
): R | null | Promise<TransformResult<R>> {
  const config = parseOrThrow(definition, props);
  const closers: Array<() => void | Promise<void>> = [];
  const context: TransformContext = { onClose: (close) => void closers.push(close) };
  const close = async (): Promise<void> => {
    for (const closer of closers.reverse()) await closer();
  };
  if (!definition.asynchronous) {
    try {
      return definition.create(config, context)(record);
    } finally {
      void close();
    }
  }
  return (async () => {
    const apply = await definition.create(config, context);
    try {
      const results = await apply([record], new AbortController().signal);
      if (results.length !== 1) throw new Error(`${definition.class} gave ${results.length} results for 1 record`);
      return results[0]!;
    } finally {
      await close();
    }
  })();
}
