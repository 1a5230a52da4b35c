import type { GroupRound } from '../../broker/port.ts';
import { type ConfigState, connectorNames, connectorOf } from '../../store/config-state.ts';
import { assign } from './assignor.ts';
import { type AssignorMemory, EMPTY_MEMORY } from './assignor-memory.ts';
import {
  ASSIGNMENT_ERRORS,
  decodeWorkerState,
  encodeAssignment,
  type GroupAssignment,
  type GroupProtocol,
  positionBehind,
  type WorkerState,
} from './protocol.ts';
import { isEmpty, Owners, shareAfter } from './share.ts';
import { NO_WORK, type WorkShare } from './work.ts';

/** While some members give work back, the others come for it so soon instead of at their next heartbeat. */
const SOON_MS = 20;

const isJava = ({ token }: WorkerState): boolean => token === null;

/** All that there is to run. */
function configuredWork(configs: ConfigState): WorkShare {
  const connectors = connectorNames(configs);
  return {
    connectors,
    tasks: connectors.flatMap((connector) => {
      const { tasks, inconsistent } = connectorOf(configs, connector)!;
      return inconsistent ? [] : tasks.map((_config, task) => ({ connector, task }));
    }),
  };
}

/** Shares out the work while this worker leads, and remembers from one rebalance to the next who had what. */
export class Leader {
  readonly #url: string;
  readonly #maxDelayMs: number;
  #memory: AssignorMemory = EMPTY_MEMORY;
  #owners = new Owners([]);

  /** @param maxDelayMs how long the work of a worker that is gone waits for it (`scheduled.rebalance.max.delay.ms`) */
  constructor(url: string, maxDelayMs: number) {
    this.#url = url;
    this.#maxDelayMs = maxDelayMs;
  }

  get owners(): Owners {
    return this.#owners;
  }

  /** Another worker leads, or may have: what is remembered is worth nothing. */
  forget(): void {
    this.#memory = EMPTY_MEMORY;
    this.#owners = new Owners([]);
  }

  /**
   * @param configs as far as they are known: if a member knows more, all are asked to try again, as Java's leaders do
   * @throws Error if a member's state is none
   */
  assign(
    { protocol, generation, members: joined, leaderId }: GroupRound,
    configs: ConfigState,
  ): ReadonlyMap<string, Buffer> {
    const states = new Map(joined.map(({ memberId, metadata }) => [memberId, decodeWorkerState(metadata)]));
    const members = new Map(
      [...states].map(([id, { url, assignment }]) => [id, { url, assignment: assignment?.assigned ?? NO_WORK }]),
    );
    const end = positionBehind(configs.offset);
    const known = [...states.values()].every(({ position }) => position <= end);
    if (!known) return this.#mismatch(protocol as GroupProtocol, leaderId, states);
    const { assignments, delayMs, memory } = assign({
      now: performance.now(),
      generation,
      maxDelayMs: this.#maxDelayMs,
      members,
      configured: configuredWork(configs),
      memory: this.#memory,
    });
    this.#memory = memory;
    // A set of task configs that a member has not seen may still run there in its former shape.
    const seenByAll = Math.min(end, ...[...states.values()].map(({ position }) => position));
    const moving = [...assignments.values()].some(({ revoked }) => !isEmpty(revoked));
    const made = [...assignments].map(([id, { assigned, revoked }]): readonly [string, GroupAssignment] => [
      id,
      {
        error: ASSIGNMENT_ERRORS.none,
        leader: leaderId,
        leaderUrl: this.#url,
        // Java's workers join again until they have read exactly as far as they are told.
        position: isJava(states.get(id)!) ? end : seenByAll,
        assigned,
        revoked,
        delayMs: moving ? SOON_MS : delayMs,
        token: states.get(id)!.token,
      },
    ]);
    this.#owners = new Owners(
      made.map(([id, assignment]) => {
        const { url, assignment: had } = members.get(id)!;
        return [url, shareAfter(had, assignment)];
      }),
    );
    return new Map(made.map(([id, assignment]) => [id, encodeAssignment(assignment, protocol as GroupProtocol)]));
  }

  #mismatch(
    protocol: GroupProtocol,
    leader: string,
    states: ReadonlyMap<string, WorkerState>,
  ): ReadonlyMap<string, Buffer> {
    const position = Math.max(...[...states.values()].map((state) => state.position));
    return new Map(
      [...states].map(([id, { token }]) => [
        id,
        encodeAssignment(
          {
            error: ASSIGNMENT_ERRORS.configMismatch,
            leader,
            leaderUrl: this.#url,
            position,
            assigned: NO_WORK,
            revoked: NO_WORK,
            delayMs: 0,
            token,
          },
          protocol,
        ),
      ]),
    );
  }
}
