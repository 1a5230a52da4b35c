import { setTimeout as sleep } from 'node:timers/promises';
import { APPEND, EXACT, type Lab } from './lab.ts';

const POLL_MS = 500;
/** Numbers in a lane while it is not said how far the sources go. */
const NO_END = 2_000_000_000;

/** The config of each connector, as it is now. */
export class Connectors {
  readonly #lab: Lab;
  readonly #configs = new Map<string, Record<string, string>>();
  readonly #startMs = Date.now();

  constructor(lab: Lab) {
    this.#lab = lab;
    const { options, sources, partitions, ratePerLane, sinkFolder, topics } = lab;
    for (const { name, props } of sources)
      this.#configs.set(name, {
        'connector.class': 'lab.Numbers',
        'tasks.max': String(options.maxTasks),
        topic: name,
        partitions: String(partitions),
        lanes: String(options.lanes),
        count: String(NO_END),
        rate: String(ratePerLane),
        start: String(this.#startMs),
        ...props,
      });
    const sink = { 'tasks.max': String(options.maxTasks), topics: topics.join(','), folder: sinkFolder };
    this.#configs.set(APPEND, { 'connector.class': 'lab.AppendSink', ...sink });
    this.#configs.set(EXACT, { 'connector.class': 'lab.ExactSink', ...sink });
  }

  get names(): readonly string[] {
    return [...this.#configs.keys()];
  }

  async create(): Promise<void> {
    for (const name of this.names) await this.change(name, {});
  }

  async change(name: string, keys: Readonly<Record<string, string>>): Promise<void> {
    const config = { ...this.#configs.get(name)!, ...keys };
    this.#configs.set(name, config);
    await this.#lab.rest.must('PUT', `/connectors/${name}/config`, config);
  }

  /** Lets every source end when what is due in so many milliseconds is written. */
  async endIn(ms: number): Promise<void> {
    this.#lab.count = Math.ceil(((Date.now() + ms - this.#startMs) * this.#lab.ratePerLane) / 1000);
    for (const { name } of this.#lab.sources) await this.change(name, { count: String(this.#lab.count) });
  }

  /** The last number of each lane, by the offsets that the REST API tells; -1 if there is none. */
  async positions(name: string): Promise<readonly number[]> {
    const { offsets } = await this.#lab.rest.must('GET', `/connectors/${name}/offsets`);
    const found = Array.from({ length: this.#lab.options.lanes }, () => -1);
    for (const { partition, offset } of offsets) found[partition.lane] = offset?.number ?? -1;
    return found;
  }

  async untilState(name: string, state: string): Promise<void> {
    while (true) {
      const { status, json } = await this.#lab.rest.call('GET', `/connectors/${name}/status`);
      if (status === 200 && json.connector.state === state) return;
      await sleep(POLL_MS);
    }
  }
}
