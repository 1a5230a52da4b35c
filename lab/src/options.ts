import { parseArgs } from 'node:util';
import type { FaultKind } from './fault.ts';
import { numberOption, seedOption } from './number-options.ts';
import { FAULT_KINDS } from './schedule.ts';

export interface LabOptions {
  readonly seed: number;
  /** How long faults are made, ms. */
  readonly durationMs: number;
  readonly brokers: 1 | 3;
  readonly workers: number;
  readonly exactlyOnce: boolean;
  /** Records a second over all sources. */
  readonly rate: number;
  /** Of each source. */
  readonly lanes: number;
  readonly maxTasks: number;
  /** Mean time between faults, ms. */
  readonly everyMs: number;
  readonly only: readonly FaultKind[] | undefined;
  /** Whether to measure what moves when a worker joins, leaves or is killed. */
  readonly facts: boolean;
  /** Where tasks run (`task.isolation`). */
  readonly isolation: string;
  /** Whether logs and data stay. */
  readonly keep: boolean;
  /** Where the report goes as JSON. */
  readonly save: string | undefined;
}

export const DEFAULTS = {
  minutes: 10,
  brokers: 1,
  workers: 1,
  rate: 3_000,
  lanes: 6,
  tasks: 3,
  every: 5,
  isolation: 'shared',
} as const;

export const HELP = `npm run soak -- [options]

Workers as processes, on a Kafka of their own, copy numbered records from sources to topics and on into sinks, while a schedule of
faults made by chance goes on. Then everything is healed, and each record is accounted for. Ends with 1 if one is missing, or is
double or out of order where it must not be; Ctrl-C ends the faults early and checks what there is so far.

npm run soak -- feeds --help: the same for the presets of the WebSocket source, against the simulator.

  --minutes N        how long faults are made (${DEFAULTS.minutes})
  --seed N           repeats the schedule of an earlier run (by chance, and printed)
  --brokers 1|3      (${DEFAULTS.brokers})
  --workers N        (${DEFAULTS.workers})
  --exactly-once     sources write in transactions, with each kind of boundary
  --rate N           records a second over all sources (${DEFAULTS.rate})
  --lanes N          of each source, each a sequence of its own (${DEFAULTS.lanes})
  --tasks N          at most, of each connector (${DEFAULTS.tasks})
  --every SECONDS    mean time between faults (${DEFAULTS.every})
  --only KIND,...    of ${FAULT_KINDS.join(', ')}
  --no-facts         does not measure, before the faults, what moves when a worker joins, leaves or is killed
  --isolation WHAT   task.isolation of the workers (${DEFAULTS.isolation})
  --keep             leaves logs and data where the first line says
  --save FILE        writes the report as JSON
`;

/** @throws Error that says what is wrong with the arguments; null: help is wanted */
export function labOptions(args: readonly string[]): LabOptions | null {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      minutes: { type: 'string' },
      seed: { type: 'string' },
      brokers: { type: 'string' },
      workers: { type: 'string' },
      'exactly-once': { type: 'boolean' },
      rate: { type: 'string' },
      lanes: { type: 'string' },
      tasks: { type: 'string' },
      every: { type: 'string' },
      only: { type: 'string' },
      facts: { type: 'boolean', default: true },
      isolation: { type: 'string' },
      keep: { type: 'boolean' },
      save: { type: 'string' },
    },
  });
  if (values.help) return null;
  const brokers = numberOption('brokers', values.brokers, DEFAULTS.brokers, 1);
  if (brokers !== 1 && brokers !== 3) throw new Error('--brokers takes 1 or 3');
  const only = values.only?.split(',') as FaultKind[] | undefined;
  const unknown = only?.filter((kind) => !FAULT_KINDS.includes(kind)) ?? [];
  if (unknown.length > 0) throw new Error(`--only: there is no ${unknown.join(', ')}`);
  const isolation = values.isolation ?? DEFAULTS.isolation;
  return {
    seed: seedOption(values.seed),
    durationMs: 60_000 * numberOption('minutes', values.minutes, DEFAULTS.minutes, 0),
    brokers,
    workers: numberOption('workers', values.workers, DEFAULTS.workers, 1),
    exactlyOnce: values['exactly-once'] ?? false,
    rate: numberOption('rate', values.rate, DEFAULTS.rate, 1),
    lanes: numberOption('lanes', values.lanes, DEFAULTS.lanes, 1),
    maxTasks: numberOption('tasks', values.tasks, DEFAULTS.tasks, 1),
    everyMs: 1_000 * numberOption('every', values.every, DEFAULTS.every, 0.1),
    only,
    facts: values.facts,
    isolation,
    keep: values.keep ?? false,
    save: values.save,
  };
}
