import type { Outcome } from './run.ts';

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** Kinds of faults with the median and the longest of the times that processing stood still. */
function standstills({ standstills }: Outcome): readonly string[] {
  const byKind = Map.groupBy(standstills, ({ fault }) => fault.split(' ')[0]!);
  return [...byKind].map(([kind, each]) => {
    const sorted = each.toSorted((a, b) => a.longestGapMs - b.longestGapMs);
    const median = sorted[sorted.length >> 1]!.longestGapMs;
    const { longestGapMs, lane, atSeconds } = sorted.at(-1)!;
    const times = `${kind.padEnd(14)} ${String(sorted.length).padStart(4)} times   median ${seconds(median).padStart(7)}`;
    return `  ${times}   longest ${seconds(longestGapMs).padStart(7)} (${lane}, from ${atSeconds.toFixed(1)})`;
  });
}

/** What came out of a run, to be read. */
export function report(outcome: Outcome): string {
  const { options, configSeenMs, group, records, repeats, stepsBack, sinks, healedMs, refusals, violations } = outcome;
  const { seed, brokers, workers, exactlyOnce } = options;
  return [
    '',
    `seed ${seed}, ${brokers} brokers, ${workers} workers, exactly-once ${exactlyOnce ? 'on' : 'off'}`,
    `records in the topics: ${records}, ${repeats} of them again, ${stepsBack} steps back`,
    ...Object.entries(sinks).map(
      ([name, { records, doubles }]) => `sink ${name}: ${records}, ${doubles} of them again`,
    ),
    `healed after ${seconds(healedMs)}; requests refused for a while: ${JSON.stringify(refusals)}`,
    ...(configSeenMs === null ? [] : [`a changed config showed on all workers after ${configSeenMs} ms`]),
    ...(group.length > 0 ? ['the group, while nothing else happened:'] : []),
    ...group.map(
      ({ what, tasks, moved, least, movedNeedlessly, settledMs }) =>
        `  ${what.padEnd(26)} ${moved} of ${tasks} tasks moved, least possible ${least}, needlessly ${movedNeedlessly}; all ran after ${seconds(settledMs)}`,
    ),
    'longest time that a lane stood still around a fault, other faults at the same time included:',
    ...standstills(outcome),
    '',
    violations.length === 0 ? 'No violations.' : `${violations.length} VIOLATIONS:`,
    ...violations.map((violation) => `  ${violation}`),
    ...(violations.length === 0 ? [] : [`Again: the same options with --seed ${seed}`]),
  ].join('\n');
}
