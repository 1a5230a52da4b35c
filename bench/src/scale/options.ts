import { parseArgs } from 'node:util';
import { WORKLOADS, type WorkloadName } from './workloads.ts';

export interface ScaleOptions {
  readonly workload: WorkloadName;
  readonly workers: number;
  readonly connectors: number;
  /** Of each connector. */
  readonly tasks: number;
  /** How long the workers are watched once everything runs, in seconds. */
  readonly idleSeconds: number;
  /** Java's distributed worker instead of ours, with the same load. */
  readonly java: boolean;
  readonly javaHeapMb: number;
  /** `scheduled.rebalance.max.delay.ms` of the workers. */
  readonly maxDelayMs: number;
  /** The broker's `group.initial.rebalance.delay.ms`. */
  readonly initialDelayMs: number;
  readonly exactlyOnce: boolean;
  readonly save: string;
  readonly nodeArgs: readonly string[];
  /** Further keys of the workers. */
  readonly workerProps: Readonly<Record<string, string>>;
}

const DEFAULTS = {
  workload: 'mixed',
  workers: '1',
  connectors: '100',
  tasks: '10',
  'idle-seconds': '20',
  'max-delay-ms': '5000',
  'initial-delay-ms': '0',
  'java-heap-mb': '1024',
  save: 'scale',
} as const;

export const SCALE_HELP = `npm run bench -- scale [options]

Starts workers on one Kafka broker and creates connectors with many tasks one after another, without a pause, each at another worker.
Measures the time until all tasks run, then what the workers and the broker use with everything running, then the time to shut down in
order and to start again with all of it, and after kill -9. With several workers one of them is killed, and those that stay are watched:
which of their tasks stopped, and how long it took until all tasks ran again. Writes bench/results/<date>-<save>.json.

  --workload NAME      ${Object.entries(WORKLOADS)
    .map(([name, { what }]) => `${name}: ${what}`)
    .join('\n                       ')} (${DEFAULTS.workload})
  --workers N          (${DEFAULTS.workers})
  --connectors N       (${DEFAULTS.connectors})
  --tasks N            of each connector (${DEFAULTS.tasks})
  --idle-seconds N     how long to watch once all run (${DEFAULTS['idle-seconds']})
  --max-delay-ms N     scheduled.rebalance.max.delay.ms (${DEFAULTS['max-delay-ms']}; Kafka Connect's default: 300000)
  --initial-delay-ms N the broker's group.initial.rebalance.delay.ms (${DEFAULTS['initial-delay-ms']}; Kafka's default: 3000)
  --exactly-once       exactly.once.source.support=enabled
  --java               Java's worker instead of ours; of one worker, and with sinks only
  --java-heap-mb N     Java's -Xmx (${DEFAULTS['java-heap-mb']})
  --worker-prop K=V    a further key of the workers, repeatable
  --node-arg ARG       for our workers' Node, repeatable
  --save WHAT          the last part of the name of the results (${DEFAULTS.save})`;

/** @throws Error that names a wrong option */
export function scaleOptions(args: readonly string[]): ScaleOptions {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      workload: { ...text, default: DEFAULTS.workload },
      workers: { ...text, default: DEFAULTS.workers },
      connectors: { ...text, default: DEFAULTS.connectors },
      tasks: { ...text, default: DEFAULTS.tasks },
      'idle-seconds': { ...text, default: DEFAULTS['idle-seconds'] },
      'max-delay-ms': { ...text, default: DEFAULTS['max-delay-ms'] },
      'initial-delay-ms': { ...text, default: DEFAULTS['initial-delay-ms'] },
      'exactly-once': { type: 'boolean', default: false },
      java: { type: 'boolean', default: false },
      'java-heap-mb': { ...text, default: DEFAULTS['java-heap-mb'] },
      'worker-prop': { ...text, multiple: true, default: [] },
      'node-arg': { ...text, multiple: true, default: [] },
      save: { ...text, default: DEFAULTS.save },
    },
  });
  const count = (name: keyof typeof values, least: number): number => {
    const number = Number(values[name]);
    if (!Number.isInteger(number) || number < least)
      throw new Error(`--${name} takes a whole number of at least ${least}, not '${String(values[name])}'`);
    return number;
  };
  const { workload } = values;
  if (!Object.hasOwn(WORKLOADS, workload))
    throw new Error(`There is no workload '${workload}'. They are: ${Object.keys(WORKLOADS).join(', ')}`);
  if (values.java && (workload !== 'sinks' || count('workers', 1) !== 1))
    throw new Error("--java takes --workload sinks and one worker: Java's distribution has no source with many tasks");
  return {
    workload: workload as WorkloadName,
    workers: count('workers', 1),
    connectors: count('connectors', 1),
    tasks: count('tasks', 1),
    idleSeconds: count('idle-seconds', 0),
    java: values.java,
    javaHeapMb: count('java-heap-mb', 128),
    maxDelayMs: count('max-delay-ms', 0),
    initialDelayMs: count('initial-delay-ms', 0),
    exactlyOnce: values['exactly-once'],
    save: values.save,
    nodeArgs: values['node-arg'],
    workerProps: Object.fromEntries(values['worker-prop'].map(pair)),
  };
}

function pair(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new Error(`--worker-prop takes key=value, not '${text}'`);
  return [text.slice(0, at), text.slice(at + 1)];
}
