/** Transforms and records for tests, one line each. */
import {
  type AsynchronousTransform,
  type BatchTransform,
  type ConnectRecord,
  type Definition,
  NO_HEADERS,
  parseConfig,
  type RecordTransform,
  type Schema,
  type SynchronousTransform,
} from '@tributary/api';

function parsed(definition: Definition, props: Record<string, string>): never {
  const { config, errors } = parseConfig(definition.config, props);
  if (errors.size > 0) throw new Error([...errors.values()].flat().join('; '));
  return config as never;
}

/** @throws Error with what is wrong with the config */
export const made = (definition: Definition, props: Record<string, string>): RecordTransform =>
  (definition as unknown as SynchronousTransform).create(parsed(definition, props), { onClose() {} });

/** As {@link made}, for a transform of batches. */
export const madeBatch = async (definition: Definition, props: Record<string, string>): Promise<BatchTransform> =>
  (definition as unknown as AsynchronousTransform).create(parsed(definition, props), { onClose() {} });

export const record = (
  valueSchema: Schema | null,
  value: unknown,
  more: Partial<ConnectRecord> = {},
): ConnectRecord => ({
  topic: 'quotes',
  partition: 1,
  key: null,
  keySchema: null,
  value,
  valueSchema,
  timestamp: 1_700_000_000_000,
  headers: NO_HEADERS,
  ...more,
});
