import type { ConfigDef, SinkContext } from '@tributary/api';

/** What the worker reads of every sink's config. */
const COMMON =
  /^(?:name|connector\.(?:class|plugin\.version)|tasks\.(?:max(?:\.enforce)?|restart\..+)|topics(?:\.regex)?|config\.action\.reload|(?:(?:key|value|header)\.converter|transforms|predicates)(?:\..+)?|(?:errors|task|(?:consumer|producer|admin)\.override)\..+)$/;

/**
 * Says in the log which keys with a value neither the sink's definition nor the worker knows, such as those of the sink that a config was written
 * for: they would be passed over in silence. Their values, which may be secrets, are not shown.
 * @param isOwn whether the sink reads a key apart from its definition
 */
export function warnOfStrangeKeys(
  { log, props }: Pick<SinkContext, 'log' | 'props'>,
  definition: ConfigDef,
  isOwn: (key: string) => boolean = () => false,
): void {
  const keys = Object.entries(props).flatMap(([key, value]) =>
    value === '' || Object.hasOwn(definition, key) || COMMON.test(key) || isOwn(key) ? [] : [key],
  );
  if (keys.length > 0)
    log.warn(
      `The config has keys that mean nothing to this sink and are passed over: ${keys.join(', ')}. docs/reference.md has those that it knows`,
    );
}
