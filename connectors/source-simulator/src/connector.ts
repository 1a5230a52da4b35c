import { setImmediate } from 'node:timers/promises';
import { type Clock, defineSource, type SourceContext, type SourceRecord, systemClock } from '@tributary/api';
import { configDef, type SimulatorConfig } from './config.ts';
import { anomalyProbability, divide, makeStreams } from './market.ts';
import { virtualPace, wallPace } from './pace.ts';
import { alterOffsets, type Position, partitionOf, positionOf } from './position.ts';
import { MINUTE_US, type Stream } from './stream.ts';

/** The records of a batch, at most. */
const BATCH = 1000;
/** Ticks that come closer together than this are sent together. Milliseconds. */
const FRAME = 5;
/** In a task's config: its streams. */
const STREAMS = 'task.streams';

/** The simulator with a clock of its own, for tests. */
export const simulatorWith = (clock: Clock) =>
  defineSource({
    class: 'tributary.simulator.MarketSimulatorSource',
    aliases: ['MarketSimulator', 'MarketSimulatorSource'],
    version: '0.1.0',
    doc:
      'Ticks of a made-up market at any rate: correlated prices, spreads, sizes that follow the time of day, and labelled anomalies. ' +
      'All of it is derived from a seed, so that a restart goes on with exactly the ticks that would have followed.',
    config: configDef,
    validate(config, report) {
      const streams = divide(config);
      const symbols = streams.flat().length;
      if (symbols === 0) report('symbols', "A market needs symbols: name some in 'symbols', or set 'symbols.count'");
      else if (anomalyProbability(config, symbols) > 1) {
        report(
          'anomalies.per.hour',
          `Invalid value ${config['anomalies.per.hour']} for configuration anomalies.per.hour: Value must be no more than ` +
            `${symbols * 60}, since each of the ${symbols} symbols can have one a minute`,
        );
      }
    },
    taskConfigs(config, maxTasks) {
      const streams = [...divide(config).keys()];
      const tasks = Math.min(maxTasks, streams.length);
      return Array.from({ length: tasks }, (_, task) => ({
        [STREAMS]: streams.filter((stream) => stream % tasks === task).join(','),
      }));
    },
    run: (config, context) => run(config, context, clock),
    alterOffsets: (_config, offsets) => alterOffsets(offsets),
    exactlyOnceSupport: () => 'supported',
  });

/** Ticks of a made-up market. */
export const marketSimulator = simulatorWith(systemClock);

async function* run(
  config: SimulatorConfig,
  context: SourceContext,
  clock: Clock,
): AsyncGenerator<readonly SourceRecord[], void, void> {
  const { signal } = context;
  const streams = makeStreams(config, await positions(config, context, clock));
  if (config.clock === 'wall' && config.downtime === 'skip')
    for (const stream of streams) stream.skipTo(clock.now() * 1000);
  const pace = config.clock === 'wall' ? wallPace(clock) : virtualPace(clock, earliest(streams));
  while (!signal.aborted) {
    const next = earliest(streams);
    if (next === Number.POSITIVE_INFINITY) return;
    const due = pace.due(next);
    if (next > due) {
      await clock.sleep(Math.max(Math.ceil((next - due) / 1000), FRAME), signal);
      continue;
    }
    const batch = takeDue(streams, due);
    yield batch;
    if (batch.length >= BATCH / 2) await setImmediate(); // whoever takes batches at once must not keep others from running
  }
}

const earliest = (streams: readonly Stream[]): number => Math.min(...streams.map((stream) => stream.nextTime));

/** The ticks that are due, at most a batch, each stream having its share. */
function takeDue(streams: readonly Stream[], due: number): readonly SourceRecord[] {
  const ready = streams.filter((stream) => stream.nextTime <= due);
  const share = Math.ceil(BATCH / ready.length);
  const batch: SourceRecord[] = [];
  for (const stream of ready) stream.take(due, Math.min(share, BATCH - batch.length), batch);
  return batch;
}

/** Where the task's streams go on, or begin. */
async function positions(
  config: SimulatorConfig,
  { props, offsets, log }: SourceContext,
  clock: Clock,
): Promise<ReadonlyMap<number, Position>> {
  const all = [...divide(config).keys()];
  const stored = await offsets.getAll(all.map((stream) => partitionOf(stream, all.length)));
  const known = stored.map((offset) => positionOf(offset, config.seed));
  if (stored.some((offset, i) => offset && !known[i]))
    log.warn(`The stored offsets are of a market with another seed: the market with seed ${config.seed} starts anew`);
  const begin = firstPosition(config, known, clock);
  const own = props[STREAMS]?.split(',').map(Number) ?? all;
  return new Map(own.map((stream) => [stream, known[stream] ?? begin]));
}

/** Where a stream begins that has sent nothing: with the others, since they began together, or else at the start time. */
function firstPosition(config: SimulatorConfig, known: ReadonlyArray<Position | null>, clock: Clock): Position {
  const minutes = known.flatMap((position) => position?.minute ?? []);
  const start = config['start.time'];
  if (start === null && minutes.length > 0) return { minute: Math.min(...minutes), tick: 0, sequence: 0 };
  const time = start === null ? clock.now() * 1000 : Date.parse(start) * 1000;
  return { minute: Math.floor(time / MINUTE_US), tick: 0, sequence: 0, from: time };
}
