import type { Test } from 'tap';
import type { Broker } from '../../src/broker/port.ts';
import { closing } from './contract/closing.ts';
import { consumers } from './contract/consumers.ts';
import { groupOffsets } from './contract/group-offsets.ts';
import { producers } from './contract/producers.ts';
import { readers } from './contract/readers.ts';
import { rebalances } from './contract/rebalances.ts';
import { Bench, type BenchOptions } from './contract/support.ts';
import { topics } from './contract/topics.ts';
import { transactions } from './contract/transactions.ts';

export interface ContractOptions extends BenchOptions {
  /** Runs only the sections named. Default: all. */
  readonly sections?: ReadonlyArray<keyof typeof SECTIONS>;
}

const SECTIONS = { topics, producers, consumers, rebalances, transactions, readers, groupOffsets, closing };

/**
 * Holds an adapter to the broker port.
 * @param makeBroker opens a client of its own at every call; two of them need not see the same log
 */
export function brokerContract(
  t: Test,
  name: string,
  makeBroker: () => Promise<Broker>,
  options: ContractOptions = {},
): Promise<unknown> {
  return t.test(`${name} keeps the contract of the broker port`, async (t) => {
    const broker = await makeBroker();
    t.teardown(() => broker.close());
    const bench = new Bench(broker, makeBroker, options);
    for (const [section, cases] of Object.entries(SECTIONS)) {
      if (options.sections && !(options.sections as readonly string[]).includes(section)) continue;
      await t.test(section, async (t) => cases(t, bench));
    }
  });
}
