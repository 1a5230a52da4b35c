import { setTimeout as sleep } from 'node:timers/promises';
import { Committed, SinkCheck } from './committed.ts';
import type { Connectors } from './connectors.ts';
import { Gaps } from './gaps.ts';
import { APPEND, EXACT, type Lab } from './lab.ts';
import { LaneCheck, violations } from './lane-check.ts';
import { AppendedFiles, Databases } from './sink-output.ts';

/** Nothing new for so long means that nothing will come, ms. Longer than the broker's own end of a transaction. */
const STUCK_MS = 150_000;
const POLL_MS = 500;
const PROGRESS_MS = 5_000;

/** What became of the records. */
export interface Findings {
  readonly records: number;
  /** Records that came again, of sources without exactly-once support. */
  readonly repeats: number;
  readonly stepsBack: number;
  readonly sinks: Readonly<Record<string, { readonly records: number; readonly doubles: number }>>;
  readonly gaps: Gaps;
}

/** Waits until each source has told that it is at its end. */
export async function untilWritten(lab: Lab, connectors: Connectors): Promise<void> {
  let last = '';
  let lastMs = Date.now();
  for (let toldMs = 0; ; ) {
    const positions = await Promise.all(
      lab.topics.map(async (name) => [name, await connectors.positions(name)] as const),
    );
    if (positions.every(([, lanes]) => lanes.every((number) => number >= lab.count - 1))) return;
    const now = JSON.stringify(positions);
    if (now !== last) lastMs = Date.now();
    last = now;
    if (Date.now() - lastMs > STUCK_MS) {
      lab.violation(`the sources do not move on: ${now}`);
      return;
    }
    if (Date.now() - toldMs > PROGRESS_MS) {
      const written = positions.flatMap(([, lanes]) => lanes).reduce((sum, number) => sum + number + 1, 0);
      lab.note(`${written} of ${lab.count * lab.options.lanes * lab.topics.length} numbers are written`);
      toldMs = Date.now();
    }
    await sleep(POLL_MS);
  }
}

/** Reads what is in the topics and in the sinks, and holds it against what should be. */
export async function verify(lab: Lab): Promise<Findings> {
  const { options, topics, partitions, log } = lab;
  const lanes = new Map<string, readonly LaneCheck[]>();
  for (const [topic, stretches] of lab.stretches) {
    const each = Array.from({ length: options.lanes }, (_none, lane) => stretches.until(lane, lab.count - 1));
    lanes.set(
      topic,
      each.map((expected, lane) => new LaneCheck(lane, expected)),
    );
  }
  const committed = new Committed();
  const gaps = new Gaps();
  await log.end(topics, partitions);
  await log
    .read(
      topics,
      STUCK_MS,
      (topic, record) => {
        const { lane, number, partition, timestamp } = record;
        committed.add(topic, record);
        const check = lanes.get(topic)?.[lane];
        if (!check || partition !== lane % partitions)
          lab.violation(`${topic}-${partition} has ${lane}:${number}, which belongs elsewhere`);
        else check.add(number);
        gaps.add(`${topic} ${lane}`, timestamp);
      },
      (topic, partition, offset, value) => lab.violation(`${topic}-${partition} has '${value}' at ${offset}`),
    )
    .catch((error: Error) => lab.violation(`the topics cannot be read to their end: ${error.message}`));
  let [records, repeats, stepsBack] = [0, 0, 0];
  for (const [topic, checks] of lanes)
    for (const check of checks) {
      const report = check.report();
      records += report.records;
      repeats += report.doubleCount;
      stepsBack += report.stepsBack;
      for (const violation of violations(report, options.exactlyOnce)) lab.violation(`${topic}: ${violation}`);
    }
  lab.note(`${records} records are in the topics, ${repeats} of them again, ${stepsBack} steps back`);
  return { records, repeats, stepsBack, sinks: await verifySinks(lab, committed), gaps };
}

async function verifySinks(lab: Lab, committed: Committed): Promise<Findings['sinks']> {
  const databases = new Databases(lab.sinkFolder);
  const each = [
    { name: APPEND, exactlyOnce: false, output: new AppendedFiles(lab.sinkFolder) },
    { name: EXACT, exactlyOnce: true, output: databases },
  ].map((sink) => ({ ...sink, check: new SinkCheck(sink.name, committed), open: marks(lab) }));
  let lastMs = Date.now();
  for (let waiting = true; waiting; ) {
    for (const { output, check, open } of each)
      output.poll((place, offset, value) => {
        lastMs = Date.now();
        if (value === lab.log.mark) open.delete(place);
        else check.add(place, offset, value);
      });
    waiting = each.some(({ open }) => open.size > 0);
    if (waiting && Date.now() - lastMs > STUCK_MS) {
      for (const { name, open } of each)
        if (open.size > 0) lab.violation(`sink ${name} did not come to the end of ${[...open].join(', ')}`);
      break;
    }
    if (waiting) await sleep(POLL_MS);
  }
  const reports = each.map(({ name, exactlyOnce, check }) => {
    const { records, doubles, violations } = check.report(exactlyOnce);
    for (const violation of violations) lab.violation(violation);
    lab.note(`sink ${name} has ${records} records, ${doubles} of them again`);
    return [name, { records, doubles }] as const;
  });
  lab.note(`sink ${EXACT} was given ${databases.repeats()} records that it had`);
  return Object.fromEntries(reports);
}

const marks = ({ topics, partitions }: Lab): Set<string> =>
  new Set(topics.flatMap((topic) => Array.from({ length: partitions }, (_none, p) => `${topic} ${p}`)));

/** What is stored in the offsets topics is what the sources wrote. */
export async function verifyOffsets(lab: Lab): Promise<void> {
  const stored = new Map<string, string>();
  const own = lab.sources.flatMap(({ props }) => props['offsets.storage.topic'] ?? []);
  for (const topic of [lab.offsetsTopic, ...own])
    for (const [key, value] of await lab.log.latest(topic, STUCK_MS)) stored.set(key, value);
  for (const name of lab.topics)
    for (let lane = 0; lane < lab.options.lanes; lane++) {
      const offset = stored.get(JSON.stringify([name, { lane }]));
      const expected = JSON.stringify({ number: lab.count - 1 });
      if (offset !== expected) lab.violation(`the stored offset of ${name} ${lane} is ${offset}, not ${expected}`);
    }
}
