/**
 * What workers tell each other as they join a group of type `connect` (KIP-415), in the bytes of Java's workers: each member its
 * {@link WorkerState}, and the leader to each member its {@link GroupAssignment}.
 */
import { WireReader } from '../../broker/wire-reader.ts';
import { WireWriter } from '../../broker/wire-writer.ts';
import type { TaskId } from '../../tasks/task-spec.ts';
import type { WorkShare } from './work.ts';

/** The protocol type of a group of workers. */
export const CONNECT_PROTOCOL_TYPE = 'connect';

/**
 * The protocols for incremental cooperative rebalancing, as the group coordinator knows them. They differ in the version that their
 * bytes tell, and in that the leader of a `sessioned` group writes session keys to the config topic (KIP-507).
 */
export type GroupProtocol = 'sessioned' | 'compatible';

/**
 * The protocol that stops all work at each rebalance. A worker with `connect.protocol=eager` offers no other: the group coordinator
 * refuses either it or those that offer no such, with INCONSISTENT_GROUP_PROTOCOL.
 */
export const EAGER_PROTOCOL = 'default';

const VERSIONS: Readonly<Record<GroupProtocol, number>> = { sessioned: 2, compatible: 1 };

/** What is wrong with an assignment: nothing, or the leader could not read the config topic as far as some member has (Java's codes). */
export const ASSIGNMENT_ERRORS = { none: 0, configMismatch: 1 } as const;

/** Workers tell each other the offset behind the last record that they have read, as Java's do; -1 for an empty topic. */
export const positionBehind = (offset: number): number => (offset < 0 ? -1 : offset + 1);

/** The offset of the last record before a position; -1 for none. */
export const offsetBefore = (position: number): number => Math.max(-1, position - 1);

/** What the leader assigns to one member, and what a member tells of its present work. */
export interface GroupAssignment {
  /** One of {@link ASSIGNMENT_ERRORS}. */
  readonly error: number;
  /** The leader's member id. */
  readonly leader: string;
  readonly leaderUrl: string;
  /** The position in the config topic that the assignment was made for, as {@link positionBehind} has it. */
  readonly position: number;
  /** From the leader: what is new. From a member: all that it has. */
  readonly assigned: WorkShare;
  readonly revoked: WorkShare;
  /** After so many ms the member should join again; 0 for no such wish. */
  readonly delayMs: number;
  /** From the leader: the token of the member's state that it was made from. Java's leaders send none. */
  readonly token: number | null;
}

/** What a member tells the leader when it joins. */
export interface WorkerState {
  /** Where its REST API is reached by other workers. */
  readonly url: string;
  /** How far it has read the config topic, as {@link positionBehind} has it. */
  readonly position: number;
  /** Null for a member that has none: it has just started, or lost its place. */
  readonly assignment: GroupAssignment | null;
  /** Any number that tells this state from those that the same static member told before. Java's workers send none. */
  readonly token: number | null;
}

/** Stands for the connector itself among the numbers of its tasks. */
const CONNECTOR_ITSELF = -1;

export function encodeWorkerState(state: WorkerState, protocol: GroupProtocol): Buffer {
  const writer = new WireWriter()
    .int16(VERSIONS[protocol])
    .string(state.url)
    .int64(state.position)
    .nullableBytes(state.assignment && encodeAssignment(state.assignment, protocol));
  return withToken(writer, state.token);
}

/** @throws Error if these are no such bytes */
export function decodeWorkerState(bytes: Buffer): WorkerState {
  return decoded(bytes, 'state of a worker', (reader) => {
    const url = reader.string();
    const position = reader.int64();
    const assignment = reader.more ? reader.nullableBytes() : null;
    return { url, position, assignment: assignment && decodeAssignment(assignment), token: readToken(reader) };
  });
}

export function encodeAssignment(assignment: GroupAssignment, protocol: GroupProtocol): Buffer {
  const writer = new WireWriter()
    .int16(VERSIONS[protocol])
    .int16(assignment.error)
    .string(assignment.leader)
    .string(assignment.leaderUrl)
    .int64(assignment.position);
  writeShare(writer, assignment.assigned);
  writeShare(writer, assignment.revoked);
  return withToken(writer.int32(assignment.delayMs), assignment.token);
}

/**
 * @returns null if there are no bytes: the leader has made no assignment for the member
 * @throws Error if these are no such bytes
 */
export function decodeAssignment(bytes: Buffer): GroupAssignment | null {
  if (bytes.length === 0) return null;
  return decoded(bytes, 'assignment of work', (reader) => ({
    error: reader.int16(),
    leader: reader.string(),
    leaderUrl: reader.string(),
    position: reader.int64(),
    assigned: readShare(reader),
    revoked: readShare(reader),
    delayMs: reader.more ? reader.int32() : 0,
    token: readToken(reader),
  }));
}

/** Marks a token, in case Java's workers ever add something of their own. */
const TOKEN_FOLLOWS = 0x54524942;

/** A token stands after the end of what Java's workers know, who do not look that far. */
function withToken(writer: WireWriter, token: number | null): Buffer {
  return (token === null ? writer : writer.int32(TOKEN_FOLLOWS).int64(token)).buffer;
}

function readToken(reader: WireReader): number | null {
  if (!reader.more) return null;
  try {
    return reader.int32() === TOKEN_FOLLOWS ? reader.int64() : null;
  } catch {
    // What a later version has added, too short for ours.
    return null;
  }
}

/** Later versions may only add at the end, so they can be read too. */
function decoded<T>(bytes: Buffer, what: string, read: (reader: WireReader) => T): T {
  const reader = new WireReader(bytes);
  try {
    const version = reader.int16();
    if (version < 0) throw new RangeError(`version ${version}`);
    return read(reader);
  } catch (error) {
    throw new Error(
      `${bytes.length} bytes from the group are no ${what} in Kafka Connect's group protocol: ${error instanceof Error ? error.message : error}. Is another program a member of this group.id?`,
      { cause: error },
    );
  }
}

/** Each connector once, in the order in which it first comes up: first those whose connector itself is in the share. */
function writeShare(writer: WireWriter, { connectors, tasks }: WorkShare): void {
  const numbers = new Map<string, number[]>(connectors.map((connector) => [connector, [CONNECTOR_ITSELF]]));
  for (const { connector, task } of tasks) {
    const listed = numbers.get(connector);
    if (listed) listed.push(task);
    else numbers.set(connector, [task]);
  }
  writer.array([...numbers], ([connector, list]) => {
    writer.string(connector).array(list, (task) => writer.int32(task));
  });
}

/** Null arrays and those that are missing at the end count as empty, as in Java. */
function readShare(reader: WireReader): WorkShare {
  const connectors: string[] = [];
  const tasks: TaskId[] = [];
  if (reader.more) {
    reader.array(() => {
      const connector = reader.string();
      for (const task of reader.array(() => reader.int32())) {
        if (task === CONNECTOR_ITSELF) connectors.push(connector);
        else tasks.push({ connector, task });
      }
    });
  }
  return { connectors, tasks };
}
