import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BrokerHandle, Link, LinkFault } from '@tributary/services';
import type { Connectors } from './connectors.ts';
import type { Fault, FaultKind } from './fault.ts';
import type { Lab } from './lab.ts';
import type { LabWorker } from './lab-worker.ts';

/** What a fault is carried out with. */
export interface Means {
  readonly lab: Lab;
  readonly connectors: Connectors;
  /** Ends the times that faults last. */
  readonly signal: AbortSignal;
}

type CarryOut<K extends FaultKind> = (fault: Extract<Fault, { kind: K }>, means: Means) => Promise<void>;

/** How long a worker has to come back once its brokers are there, ms. */
const READY_MS = 120_000;

const workerOf = ({ lab }: Means, number: number): LabWorker => lab.workers[number - 1]!;
const brokerOf = ({ lab }: Means, number: number): BrokerHandle => lab.kafka.brokers[number - 1]!;

async function last(ms: number, { signal }: Means): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}

async function startAgain(worker: LabWorker): Promise<void> {
  worker.start();
  await worker.untilReady(READY_MS);
}

const EACH: { readonly [K in FaultKind]: CarryOut<K> } = {
  async 'worker-kill'({ worker, forMs }, means) {
    await workerOf(means, worker).kill();
    await last(forMs, means);
    await startAgain(workerOf(means, worker));
  },
  async 'worker-freeze'({ worker, forMs }, means) {
    workerOf(means, worker).freeze();
    await last(forMs, means);
    workerOf(means, worker).thaw();
  },
  async 'worker-stop'({ worker, forMs }, means) {
    await workerOf(means, worker).stop();
    await last(forMs, means);
    await startAgain(workerOf(means, worker));
  },
  async 'worker-join'({ worker, forMs }, means) {
    await startAgain(workerOf(means, worker));
    await last(forMs, means);
    await workerOf(means, worker).stop();
  },
  async 'worker-cut'({ worker, broker, fault, forMs }, means) {
    const { toBrokers } = means.lab.linksOf(worker);
    const links = broker === 0 ? toBrokers : [toBrokers[broker - 1]!];
    setAll(links, fault);
    await last(forMs, means);
    setAll(links, null);
  },
  async 'broker-kill'({ broker, forMs }, means) {
    await brokerOf(means, broker).kill();
    await last(forMs, means);
    await brokerOf(means, broker).restart();
    await untilInSync(means);
  },
  async 'broker-stop'({ broker, forMs }, means) {
    await brokerOf(means, broker).stop();
    await last(forMs, means);
    await brokerOf(means, broker).restart();
    await untilInSync(means);
  },
  async 'broker-freeze'({ broker, forMs }, means) {
    brokerOf(means, broker).signal('SIGSTOP');
    await last(forMs, means);
    brokerOf(means, broker).signal('SIGCONT');
    await untilInSync(means);
  },
  async 'brokers-kill'({ forMs }, means) {
    await means.lab.kafka.kill();
    await last(forMs, means);
    await means.lab.kafka.restart();
    await untilInSync(means);
  },
  async 'sink-slow'({ putMs, forMs }, means) {
    const file = join(means.lab.sinkFolder, 'slow');
    writeFileSync(file, String(putMs));
    await last(forMs, means);
    rmSync(file);
  },
  async reconfigure({ connector, note }, { connectors }) {
    await connectors.change(connector, { note });
  },
  async scale({ connector, tasks }, { connectors }) {
    await connectors.change(connector, { 'tasks.max': String(tasks) });
  },
  async pause({ connector, forMs }, means) {
    await means.lab.rest.must('PUT', `/connectors/${connector}/pause`);
    await last(forMs, means);
    await means.lab.rest.must('PUT', `/connectors/${connector}/resume`);
  },
  async restart({ connector, includeTasks }, { lab }) {
    await lab.rest.must('POST', `/connectors/${connector}/restart?includeTasks=${includeTasks}`);
  },
  async 'restart-task'({ connector, task }, { lab }) {
    await lab.rest.call('POST', `/connectors/${connector}/tasks/${task}/restart`);
  },
  async rewind({ connector, share }, { lab, connectors }) {
    await lab.rest.must('PUT', `/connectors/${connector}/stop`);
    await connectors.untilState(connector, 'STOPPED');
    // 400 while tasks still stop on some worker.
    const before = await settled(() => connectors.positions(connector));
    const to = before.map((number) => (share === 0 ? -1 : Math.floor((number + 1) * share) - 1));
    if (share === 0) await untilAccepted(lab, 'DELETE', connector);
    else {
      const offsets = to.map((number, lane) => ({ partition: { lane }, offset: number < 0 ? null : { number } }));
      await untilAccepted(lab, 'PATCH', connector, { offsets });
    }
    before.forEach((number, lane) => {
      lab.stretches.get(connector)!.rewound(lane, number, to[lane]! + 1);
    });
    await lab.rest.must('PUT', `/connectors/${connector}/resume`);
  },
};

function setAll(links: readonly Link[], fault: LinkFault | null): void {
  for (const link of links) link.fault = fault;
}

/** The next broker may go only when this one has caught up: else too few replicas would be left to write to. */
async function untilInSync({ lab }: Means): Promise<void> {
  const deadline = Date.now() + READY_MS;
  while (!(await lab.log.inSync().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`not all replicas are in sync after ${READY_MS / 1000} s`);
    await sleep(250);
  }
}

/** Offsets can be altered only when the last task has stopped. */
async function untilAccepted(lab: Lab, method: string, connector: string, body?: unknown): Promise<void> {
  const deadline = Date.now() + READY_MS;
  while (true) {
    const { status, json } = await lab.rest.call(method, `/connectors/${connector}/offsets`, body);
    if (status < 300) return;
    if (status !== 400 || Date.now() > deadline)
      throw new Error(`${method} offsets: ${status} ${JSON.stringify(json)}`);
    await sleep(500);
  }
}

/** Waits until two answers in a row, a second apart, are the same: tasks that stop may still commit. */
async function settled(positions: () => Promise<readonly number[]>): Promise<readonly number[]> {
  for (let before = await positions(); ; ) {
    await sleep(1_000);
    const now = await positions();
    if (now.join() === before.join()) return now;
    before = now;
  }
}

/** Does what a fault says and undoes it again. @throws Error if the cluster did not come back */
export async function carryOut(fault: Fault, means: Means): Promise<void> {
  await (EACH[fault.kind] as CarryOut<FaultKind>)(fault, means);
}
