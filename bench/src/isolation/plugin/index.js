/** Plugins for the benchmark of isolation. */
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineSink, defineSource, int, Schema, string } from '@tributary/api';

const common = { version: '1.0.0' };
const place = { sourcePartition: {}, sourceOffset: { at: 0 } };

/** Has as many tasks as it may, which have nothing to do. */
export default defineSource({
  ...common,
  class: 'bench.IdleSource',
  config: {},
  taskConfigs: (_config, maxTasks) => Array.from({ length: maxTasks }, () => ({})),
  async *run(_config, { signal }) {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    yield [];
  },
});

/** Yields the time again and again. */
export const clock = defineSource({
  ...common,
  class: 'bench.ClockSource',
  config: { topic: string({ doc: 'Where to.' }), every: int({ default: 10, doc: 'Milliseconds.' }) },
  async *run({ topic, every }, { signal }) {
    while (!signal.aborted) {
      yield [{ ...place, topic, value: performance.timeOrigin + performance.now(), valueSchema: Schema.float64() }];
      await sleep(every);
    }
  },
});

/** Keeps its thread busy for good. */
export const loop = defineSource({
  ...common,
  class: 'bench.LoopSource',
  config: {},
  // biome-ignore lint/correctness/useYield: it never comes to that
  async *run() {
    await sleep(100);
    for (;;);
  },
});

/** Writes how long each time of a clock was on its way, in milliseconds. */
export const delay = defineSink({
  ...common,
  class: 'bench.DelaySink',
  config: { file: string({ doc: 'Where to.' }) },
  start({ file }) {
    return {
      put(records) {
        const now = performance.timeOrigin + performance.now();
        appendFileSync(file, records.map(({ value }) => `${(now - value).toFixed(2)}\n`).join(''));
      },
    };
  },
});
