import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger, messageOf } from '@tributary/api';
import { BrokerUnavailableError } from '../broker/errors.ts';
import { retryDelay } from '../pipeline/errors.ts';

const MAX_DELAY_MS = 10_000;

/** Tries again for as long as the broker is away, or until the signal aborts. @throws anything else that `attempt` throws */
export async function untilAvailable<T>(attempt: () => Promise<T>, log: Logger, signal?: AbortSignal): Promise<T> {
  for (let number = 1; ; number++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof BrokerUnavailableError) || signal?.aborted) throw error;
      const delay = retryDelay(number, MAX_DELAY_MS);
      log.warn(`The task waits for the broker and tries again in ${delay} ms: ${messageOf(error)}`);
      await sleep(delay, undefined, { signal }).catch(() => {});
      if (signal?.aborted) throw error;
    }
  }
}
