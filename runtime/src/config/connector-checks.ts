import type { Props, SinkDefinition, SourceDefinition } from '@tributary/api';
import { within } from '../concurrency/within.ts';
import type { Checked } from './checked.ts';

/** How long a connector's own checks may take, in milliseconds: they may ask a store that does not answer. */
const TIMEOUT_MS = 15_000;
/** How long it is listened to after that, for what it says of the key in whose name it waited. */
const LAST_WORDS_MS = 1_000;

/** What a connector says of its config, by key; also of keys that no definition knows. */
export type Reported = ReadonlyMap<string, readonly string[]>;

/**
 * Has a connector check its config, once all of its own keys have values. Checks that take too long are an error too: a config that
 * could not be checked may be wrong.
 * @param own the connector's keys
 * @param props the whole config as text
 * @throws what the connector throws in time
 */
export async function connectorChecks(
  connector: SourceDefinition | SinkDefinition,
  own: readonly Checked[],
  props: Props,
  timeoutMs = TIMEOUT_MS,
): Promise<Reported> {
  const reported = new Map<string, string[]>();
  if (!connector.validate || own.some(({ errors }) => errors.length > 0)) return reported;
  const report = (key: string, message: string): void => {
    reported.set(key, [...(reported.get(key) ?? []), message]);
  };
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const config = Object.fromEntries(own.map(({ name, value }) => [name, value]));
    await within(timeoutMs + LAST_WORDS_MS, connector.validate(config, report, signal, props));
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  if (signal.aborted && reported.size === 0)
    report(
      'connector.class',
      `${connector.class} has not finished its checks of the config within ${timeoutMs} ms: what they ask, such as a store, may be down or out of reach`,
    );
  // A copy: what comes later is too late.
  return new Map(reported);
}
