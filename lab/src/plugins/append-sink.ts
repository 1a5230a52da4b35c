import { closeSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineSink, string } from '@tributary/api';

/** Appends a line for each record to a file of the task's own: topic, partition, offset and value. At least once. */
export default defineSink({
  class: 'lab.AppendSink',
  version: '1.0.0',
  config: {
    folder: string({
      doc: 'Where the files are. While a file named slow is there, each put takes as many milliseconds as it says.',
    }),
    note: string({ default: '', doc: 'Means nothing: something to change.' }),
  },
  start({ folder }, { connector, task }) {
    const unique = `${process.pid}-${Date.now()}-${Math.random().toString(36).slice(2, 8)}`;
    const file = openSync(join(folder, `${connector}-${task}-${unique}.txt`), 'a');
    const slow = join(folder, 'slow');
    return {
      async put(records) {
        if (records.length === 0) return;
        if (existsSync(slow)) await sleep(Number(readFileSync(slow, 'utf8')));
        const lines = records.map(
          ({ originalTopic, originalPartition, originalOffset, value }) =>
            `${originalTopic} ${originalPartition} ${originalOffset} ${value}\n`,
        );
        writeSync(file, lines.join(''));
      },
      stop: () => closeSync(file),
    };
  },
});
