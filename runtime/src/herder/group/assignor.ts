/**
 * Incremental cooperative assignment (KIP-415): which connectors and tasks each member of a group of workers is newly given, and
 * which it gives up. What must move is first revoked and given away in the next round, for which those who gave something up join
 * at once; all else keeps running.
 */
import { type AssignorMemory, EMPTY_MEMORY, type Place, type Revocations } from './assignor-memory.ts';
import { balance, type Change } from './balance.ts';
import { compareItems, compareText, type Item, isConnector, itemsOf, shareOf } from './items.ts';
import type { WorkShare } from './work.ts';

export interface AssignmentInput {
  /** In ms, of any clock that goes on while the leader lives. */
  readonly now: number;
  /** `scheduled.rebalance.max.delay.ms`: how long the work of a member that is gone waits for it to come back. */
  readonly maxDelayMs: number;
  /** The group's generation that the assignment is for. */
  readonly generation: number;
  /** By member id: where the worker is reached and what it runs. At least one. */
  readonly members: ReadonlyMap<string, { readonly url: string; readonly assignment: WorkShare }>;
  /** All connectors that exist, and their tasks; a stopped connector has none. */
  readonly configured: WorkShare;
  readonly memory: AssignorMemory;
}

export interface MemberAssignment {
  /** What the member runs from now on besides what it runs already. */
  readonly assigned: WorkShare;
  /** What it runs no longer. */
  readonly revoked: WorkShare;
}

export interface AssignmentResult {
  /** By member id. */
  readonly assignments: ReadonlyMap<string, MemberAssignment>;
  /** In so many ms all members should join again; 0 for no such need. */
  readonly delayMs: number;
  readonly memory: AssignorMemory;
}

interface Member {
  readonly id: string;
  readonly url: string;
  readonly reported: ReadonlyMap<string, Item>;
  readonly running: Item[];
  readonly promised: Item[];
  /** What it must give up in any case: what is not configured, and what another keeps. */
  readonly unfit: Item[];
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * Decides on one rebalance. The same input has the same result, whatever the order of the maps and lists.
 *
 * - What is not configured is revoked. What two members report stays with the one who has it by the memory, else with the one who
 *   reports less; the other gives it up.
 * - What is new goes to the least loaded member, and tasks of one connector to different ones.
 * - The work of a member that is gone waits for it, `maxDelayMs` at most. A member with its URL gets it back at once, one that still
 *   reports it keeps it.
 * - When nothing waits, connectors and tasks are evened out, each within one, with as few moves as possible.
 */
export function assign(input: AssignmentInput): AssignmentResult {
  const { now, generation } = input;
  // Others may have led in between: what is remembered would be of a time gone by.
  const memory = generation > input.memory.generation + 1 ? EMPTY_MEMORY : input.memory;
  const members = membersOf(input);
  const { free, waiting } = claim(input, memory, members);
  const { withheld, inVain } = unheeded(memory.revocations, members, now);

  const mayRevoke = waiting.length === 0 && !withheld;
  const connectors = balanced(members, free, mayRevoke, isConnector, (index) => tasksOf(members[index]!).length);
  const tasks = balanced(members, free, mayRevoke, isTask, (index) => {
    const { running } = members[index]!;
    const { given, revoked } = connectors[index]!;
    return running.filter(isConnector).length - revoked.length + given.length;
  });

  const changes = members.map(({ unfit }, index) => ({
    given: [...connectors[index]!.given, ...tasks[index]!.given],
    revoked: withheld ? [] : [...unfit, ...connectors[index]!.revoked, ...tasks[index]!.revoked],
  }));
  const revocations = withheld ? memory.revocations : asked(members, changes, inVain, now);
  const deadlines = waiting.map(({ keptUntilMs }) => keptUntilMs ?? now);
  if (withheld) deadlines.push(Math.min(revocations.againAtMs, now + LONGEST_PAUSE_MS));
  return {
    assignments: new Map(
      members.map(({ id }, index) => {
        const { given, revoked } = changes[index]!;
        return [id, { assigned: shareOf(given), revoked: shareOf(revoked) }];
      }),
    ),
    delayMs: deadlines.length === 0 ? 0 : Math.ceil(Math.min(...deadlines) - now),
    memory: {
      generation,
      places: [...members.map((member, index) => placeOf(member, changes[index]!)), ...waiting],
      revocations,
    },
  };
}

const isTask = (item: Item): boolean => !isConnector(item);
const tasksOf = ({ running, promised }: Member): Item[] => [...running, ...promised].filter(isTask);

/** In the order of their URLs, which outlive their member ids. */
function membersOf({ members }: AssignmentInput): Member[] {
  if (members.size === 0) throw new RangeError('A group without members has nobody to assign work to');
  return [...members]
    .map(([id, { url, assignment }]) => {
      return { id, url, reported: itemsOf(assignment), running: [], promised: [], unfit: [] };
    })
    .sort((a, b) => compareText(a.url, b.url) || compareText(a.id, b.id));
}

/** Says of each item whose it is: fills in the members; the rest is free, or waits for those who are gone. */
function claim(input: AssignmentInput, memory: AssignorMemory, members: readonly Member[]) {
  const places = new Map<string, Place>();
  for (const place of memory.places) for (const key of itemsOf(place.share).keys()) places.set(key, place);
  const reporters = new Map<string, Member[]>();
  for (const member of members) {
    for (const key of member.reported.keys()) {
      const listed = reporters.get(key);
      if (listed) listed.push(member);
      else reporters.set(key, [member]);
    }
  }
  const byId = new Map(members.map((member) => [member.id, member]));
  const byUrl = new Map(members.map((member) => [member.url, member]));
  const owner = (place: Place): Member | undefined => byId.get(place.memberId) ?? byUrl.get(place.url);

  const configured = itemsOf(input.configured);
  const free: Item[] = [];
  const left = new Map<Place, Item[]>();
  for (const item of [...configured.values()].sort(compareItems)) {
    const place = places.get(item.key);
    const reporting = reporters.get(item.key);
    if (reporting) {
      const keeper = keeperOf(reporting, place && owner(place));
      for (const member of reporting) (member === keeper ? member.running : member.unfit).push(item);
    } else if (!place) free.push(item);
    else {
      const back = owner(place);
      if (back) back.promised.push(item);
      else if (keptUntil(place, input) <= input.now) free.push(item);
      else {
        const kept = left.get(place);
        if (kept) kept.push(item);
        else left.set(place, [item]);
      }
    }
  }
  for (const { reported, unfit } of members) {
    for (const [key, item] of reported) if (!configured.has(key)) unfit.push(item);
  }
  const waiting = [...left].map(([place, items]): Place => {
    return { ...place, share: shareOf(items), keptUntilMs: keptUntil(place, input) };
  });
  return { free, waiting };
}

const keptUntil = (place: Place, { now, maxDelayMs }: AssignmentInput): number =>
  Math.min(place.keptUntilMs ?? Number.POSITIVE_INFINITY, now + maxDelayMs);

function keeperOf(reporting: readonly Member[], owner: Member | undefined): Member {
  if (owner && reporting.includes(owner)) return owner;
  return reporting.reduce((best, next) => (next.reported.size < best.reported.size ? next : best));
}

function balanced(
  members: readonly Member[],
  free: readonly Item[],
  mayRevoke: boolean,
  ofKind: (item: Item) => boolean,
  others: (index: number) => number,
): Change[] {
  const holdings = members.map(({ running, promised }, index) => ({
    running: running.filter(ofKind),
    promised: promised.filter(ofKind),
    others: others(index),
  }));
  return balance(holdings, free.filter(ofKind), mayRevoke);
}

/** Whether members still have what they were asked to give up, and whether they are to be left in peace for now. */
function unheeded({ asked, inVain, againAtMs }: Revocations, members: readonly Member[], now: number) {
  const again = asked.some(({ memberId, share }) => {
    const reported = members.find(({ id }) => id === memberId)?.reported;
    return reported && [...itemsOf(share).keys()].some((key) => reported.has(key));
  });
  return { withheld: again && now < againAtMs, inVain: again ? inVain + 1 : 0 };
}

/** A member may have missed its assignment, so the first time it is asked again at once. */
function asked(members: readonly Member[], changes: readonly Change[], inVain: number, now: number): Revocations {
  const pauseMs = inVain === 0 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (inVain - 1));
  return {
    asked: members.flatMap(({ id }, index) => {
      const { revoked } = changes[index]!;
      return revoked.length === 0 ? [] : [{ memberId: id, share: shareOf(revoked) }];
    }),
    inVain,
    againAtMs: now + pauseMs,
  };
}

function placeOf({ id, url, running }: Member, { given, revoked }: Change): Place {
  const gone = new Set(revoked.map(({ key }) => key));
  const share = shareOf([...running.filter(({ key }) => !gone.has(key)), ...given]);
  return { memberId: id, url, share, keptUntilMs: null };
}
