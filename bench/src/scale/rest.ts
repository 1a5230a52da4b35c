import { setTimeout as sleep } from 'node:timers/promises';

interface StateOf {
  readonly state: string;
  readonly worker_id: string;
  readonly trace?: string;
}

export interface ConnectorStatus {
  readonly connector: StateOf;
  readonly tasks: ReadonlyArray<StateOf & { readonly id: number }>;
}

/** Of `GET /connectors?expand=status`. */
export type Statuses = Readonly<Record<string, { readonly status?: ConnectorStatus }>>;

/** Times of requests, in milliseconds. */
export class Times {
  readonly #all: number[] = [];

  async of<T>(request: () => Promise<T>): Promise<T> {
    const started = performance.now();
    try {
      return await request();
    } finally {
      this.#all.push(performance.now() - started);
    }
  }

  get summary(): { readonly count: number; readonly median: number; readonly max: number } {
    const sorted = [...this.#all].sort((a, b) => a - b);
    const at = (share: number): number => Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0);
    return { count: sorted.length, median: at(0.5), max: at(1) };
  }
}

async function answer(url: string, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${init?.method ?? 'GET'} ${url}: ${response.status} ${await response.text()}`);
  return response;
}

/** While a rebalance is under way workers answer 409, and the request is to be made again. */
const REBALANCING = 409;

export async function createConnector(
  url: string,
  name: string,
  config: Readonly<Record<string, string>>,
): Promise<void> {
  for (;;) {
    const response = await fetch(`${url}/connectors`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name, config }),
    });
    const text = await response.text();
    if (response.ok) return;
    if (response.status !== REBALANCING) throw new Error(`Creating ${name}: ${response.status} ${text}`);
    await sleep(100);
  }
}

export async function statuses(url: string): Promise<Statuses> {
  return (await (await answer(`${url}/connectors?expand=status`)).json()) as Statuses;
}

/** How many tasks are in each state. @throws Error with the trace of a task that has failed */
export function taskStates(all: Statuses): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const [name, { status }] of Object.entries(all)) {
    for (const { id, state, trace } of status?.tasks ?? []) {
      if (state === 'FAILED') throw new Error(`Task ${name}-${id} has failed: ${trace}`);
      counts.set(state, (counts.get(state) ?? 0) + 1);
    }
  }
  return counts;
}

/** The samples of a worker's `/metrics` by name. */
export class Metrics {
  readonly bytes: number;
  readonly #samples = new Map<string, Array<readonly [labels: string, value: number]>>();

  constructor(text: string) {
    this.bytes = text.length;
    for (const [, name, labels, value] of text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)) {
      const samples = this.#samples.get(name!) ?? [];
      this.#samples.set(name!, samples);
      samples.push([labels ?? '', Number(value)]);
    }
  }

  /** By labels, as they stand in the text. */
  of(name: string): ReadonlyArray<readonly [labels: string, value: number]> {
    return this.#samples.get(name) ?? [];
  }

  sum(name: string): number {
    return this.of(name).reduce((sum, [, value]) => sum + value, 0);
  }
}

export async function metrics(url: string): Promise<Metrics> {
  return new Metrics(await (await answer(`${url}/metrics`)).text());
}
