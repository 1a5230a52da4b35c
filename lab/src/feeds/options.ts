import { parseArgs } from 'node:util';
import { FEEDS, type FeedName } from '@tributary/source-simulator/serve';
import { numberOption, seedOption } from '../number-options.ts';

export interface FeedOptions {
  readonly presets: readonly FeedName[];
  readonly seed: number;
  /** How long faults are made, ms. */
  readonly durationMs: number;
  /** Trades of each symbol in a second. */
  readonly rate: number;
  /** Mean time between two disconnects, ms; the other faults go by it. */
  readonly everyMs: number;
  /** Whether records go to a real Kafka, or into the embedded log. */
  readonly kafka: boolean;
  /** Whether missing trades are fetched over HTTP, where the feed has that. */
  readonly recovery: boolean;
  /** Whether logs and data stay. */
  readonly keep: boolean;
}

const DEFAULTS = { minutes: 3, rate: 20, every: 15 } as const;

export const FEEDS_HELP = `npm run soak -- feeds [options]

The simulator tells one market in the words of each feed, by a schedule of faults made by chance: it closes connections, stalls, leaves
them half open, tells trades twice, too late or not at all, breaks messages, refuses with 429. A worker with exactly-once support reads
it, and is killed (kill -9) again and again. In the end each trade that was sent is in the topic once, and each that was withheld is told
in the gap topic: by number where the feed numbers its trades, as a time without connection where it does not.

  --preset NAME,...  of ${FEEDS.join(', ')} (all, one after the other)
  --minutes N        how long faults are made (${DEFAULTS.minutes})
  --seed N           repeats the market and the schedule of an earlier run (by chance, and printed)
  --rate N           trades of each of three symbols in a second (${DEFAULTS.rate})
  --every SECONDS    mean time between two disconnects (${DEFAULTS.every}); stalls, half-open connections and kills go by it
  --embedded         into the embedded log, which needs no Kafka
  --no-recovery      missing trades are not fetched over HTTP
  --keep             leaves logs and data where the first line says
`;

/** @throws Error that says what is wrong with the arguments; null: help is wanted */
export function feedOptions(args: readonly string[]): FeedOptions | null {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      preset: { type: 'string' },
      minutes: { type: 'string' },
      seed: { type: 'string' },
      rate: { type: 'string' },
      every: { type: 'string' },
      embedded: { type: 'boolean' },
      recovery: { type: 'boolean', default: true },
      keep: { type: 'boolean' },
    },
  });
  if (values.help) return null;
  const presets = (values.preset?.split(',') ?? FEEDS) as readonly FeedName[];
  const unknown = presets.filter((preset) => !FEEDS.includes(preset));
  if (unknown.length > 0) throw new Error(`--preset: there is no ${unknown.join(', ')}; there are ${FEEDS.join(', ')}`);
  return {
    presets,
    seed: seedOption(values.seed),
    durationMs: 60_000 * numberOption('minutes', values.minutes, DEFAULTS.minutes, 0.05),
    rate: numberOption('rate', values.rate, DEFAULTS.rate, 1),
    everyMs: 1_000 * numberOption('every', values.every, DEFAULTS.every, 0.5),
    kafka: !values.embedded,
    recovery: values.recovery,
    keep: values.keep ?? false,
  };
}
