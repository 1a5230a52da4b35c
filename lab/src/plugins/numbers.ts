import { setTimeout as sleep } from 'node:timers/promises';
import { defineSource, double, int, list, long, Schema, type SourceRecordInput, string } from '@tributary/api';

const IDLE_MS = 20;
/** With `transaction.boundary=connector`: batches in a transaction. */
const BATCHES_PER_TRANSACTION = 3;

const text = Schema.string();

/**
 * Counts in several lanes at once, each from 0, and tells in the offset how far each is. A number is due at its time, whatever happened
 * before: a source that was away catches up.
 */
export default defineSource({
  class: 'lab.Numbers',
  version: '1.0.0',
  config: {
    topic: string({ doc: 'Where to.' }),
    partitions: int({ doc: 'Lane n goes to partition n modulo so many.' }),
    lanes: int({ doc: 'How many.' }),
    'task.lanes': list({ default: [], doc: 'Those of the task; set by the connector.' }),
    count: int({ doc: 'Numbers in each lane.' }),
    rate: double({ doc: 'Numbers a second in each lane.' }),
    start: long({ doc: 'When number 0 is due, in milliseconds since 1970.' }),
    batch: int({ default: 400, doc: 'The most records in a batch.' }),
    note: string({ default: '', doc: 'Means nothing: something to change.' }),
  },
  exactlyOnceSupport: () => 'supported',
  canDefineTransactionBoundaries: () => 'supported',
  taskConfigs({ lanes }, maxTasks) {
    const tasks = Math.min(lanes, maxTasks);
    const all = Array.from({ length: lanes }, (_none, lane) => lane);
    return Array.from({ length: tasks }, (_none, task) => ({
      'task.lanes': all.filter((lane) => lane % tasks === task).join(','),
    }));
  },
  async *run(config, { offsets, signal, transactions }) {
    const { topic, partitions, count, rate } = config;
    const start = Number(config.start);
    const lanes = config['task.lanes'].map((lane) => ({ lane: Number(lane) }));
    const stored = await offsets.getAll(lanes);
    const next = stored.map((offset) => Number(offset?.['number'] ?? -1) + 1);
    const perLane = Math.max(1, Math.floor(config.batch / lanes.length));
    for (let batches = 1; ; batches++) {
      const due = Math.min(count, Math.floor(((Date.now() - start) * rate) / 1000));
      const batch: SourceRecordInput[] = [];
      lanes.forEach((lane, i) => {
        const until = Math.min(due, next[i]! + perLane);
        for (let number = next[i]!; number < until; number++)
          batch.push({
            topic,
            partition: lane.lane % partitions,
            key: String(lane.lane),
            keySchema: text,
            value: `${lane.lane}:${number}`,
            valueSchema: text,
            timestamp: Date.now(),
            sourcePartition: lane,
            sourceOffset: { number },
          });
        next[i] = Math.max(next[i]!, until);
      });
      if (batch.length > 0) yield batch;
      const idle = next.every((number) => number >= due);
      if (idle || batches % BATCHES_PER_TRANSACTION === 0) transactions?.commit();
      if (next.every((number) => number >= count)) return;
      if (idle) await sleep(IDLE_MS, undefined, { signal });
    }
  },
});
