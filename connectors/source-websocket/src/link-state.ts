import { type BackoffLimits, backoffMs } from '@tributary/api';

/**
 * A link keeps one connection up. Normally it has one; while that is being replaced as planned there are two, of which the new one takes
 * over when the server has accepted its subscriptions. Nothing here does anything: `stepLink` says what is to be done.
 */
export interface LinkState {
  /** The connection that counts, if there is one or one is being made. */
  readonly current: number | null;
  readonly currentLive: boolean;
  /** The one that shall replace it. */
  readonly next: number | null;
  /** One that has been replaced and is still read for a while. */
  readonly old: number | null;
  /** Connections made so far; each has a number from 1. */
  readonly made: number;
  /** Attempts that failed since a connection last stood firm. */
  readonly failures: number;
  /** Refusals that another attempt is not likely to mend, in a row. */
  readonly refusals: number;
  /** When the next connection is due: the first, another attempt, or the planned replacement. Milliseconds; null: none is. */
  readonly dueAt: number | null;
  /** When the old one goes. */
  readonly dropAt: number | null;
  /** When the current one has stood firm, so that failures are forgotten. */
  readonly firmAt: number | null;
  /** Until when the last connection was known to work; null while one is live, and before the first. */
  readonly downSince: number | null;
}

export interface LinkSettings {
  readonly backoff: BackoffLimits;
  /** 0: no planned replacement. */
  readonly plannedMs: number;
  /** How long both connections are read after a replacement. 0: the old one goes at once. */
  readonly overlapMs: number;
  /** Whether the new connection may be made while the old one is up. */
  readonly makeBeforeBreak: boolean;
  /** After so many failed attempts in a row the link gives up. -1: never. */
  readonly maxFailures: number;
  /** After so many permanent refusals in a row it gives up. */
  readonly maxRefusals: number;
  /** A connection has stood firm after so long. */
  readonly firmMs: number;
}

export type LinkEvent =
  | { readonly type: 'live'; readonly socket: number }
  | {
      readonly type: 'lost';
      readonly socket: number;
      readonly reason: string;
      readonly refused: boolean;
      readonly waitMs: number;
      /** Until when everything that was sent came. */
      readonly aliveUntil: number;
    }
  /** The server will cut the connection soon. */
  | { readonly type: 'leaving'; readonly socket: number }
  | { readonly type: 'tick' };

export type LinkAction =
  | { readonly type: 'connect'; readonly socket: number }
  | { readonly type: 'close'; readonly socket: number }
  /** There is a live connection again; `downSince` null if there was one all the time, or none before. */
  | { readonly type: 'up'; readonly downSince: number | null }
  | { readonly type: 'give-up'; readonly reason: string };

export interface LinkStep {
  readonly state: LinkState;
  readonly actions: readonly LinkAction[];
}

export const unlinked = (now: number): LinkState => ({
  current: null,
  currentLive: false,
  next: null,
  old: null,
  made: 0,
  failures: 0,
  refusals: 0,
  dueAt: now,
  dropAt: null,
  firmAt: null,
  downSince: null,
});

/** @param random of [0, 1), for the jitter of pauses */
export function stepLink(
  state: LinkState,
  event: LinkEvent,
  now: number,
  settings: LinkSettings,
  random: number,
): LinkStep {
  switch (event.type) {
    case 'live':
      return live(state, event.socket, now, settings);
    case 'lost':
      return lost(state, event, now, settings, random);
    case 'leaving':
      if (event.socket !== state.current || state.next !== null || !state.currentLive) return { state, actions: [] };
      return leaving(state, now, settings, random);
    case 'tick':
      return tick(state, now, settings);
  }
}

/** A server that says so to each connection is asked again after a pause: otherwise that would go round without one. */
function leaving(state: LinkState, now: number, settings: LinkSettings, random: number): LinkStep {
  const firm = state.firmAt === null || now >= state.firmAt;
  const failures = state.failures + (firm ? 0 : 1);
  if (firm || state.failures === 0) return tick({ ...state, failures, dueAt: now }, now, settings);
  const dueAt = now + backoffMs(settings.backoff, failures, random);
  return { state: { ...state, failures, dueAt: Math.min(dueAt, state.dueAt ?? dueAt) }, actions: [] };
}

function live(state: LinkState, socket: number, now: number, settings: LinkSettings): LinkStep {
  const common = {
    refusals: 0,
    dueAt: settings.plannedMs > 0 ? now + settings.plannedMs : null,
    firmAt: now + settings.firmMs,
    downSince: null,
    currentLive: true,
  };
  if (socket === state.next) {
    const actions: LinkAction[] = [{ type: 'up', downSince: null }];
    const keeps = settings.overlapMs > 0 && state.current !== null;
    if (!keeps && state.current !== null) actions.push({ type: 'close', socket: state.current });
    return {
      state: {
        ...state,
        ...common,
        current: socket,
        next: null,
        old: keeps ? state.current : null,
        dropAt: keeps ? now + settings.overlapMs : null,
      },
      actions,
    };
  }
  if (socket !== state.current) return { state, actions: [] };
  return { state: { ...state, ...common }, actions: [{ type: 'up', downSince: state.downSince }] };
}

function lost(
  state: LinkState,
  { socket, reason, refused, waitMs, aliveUntil }: Extract<LinkEvent, { type: 'lost' }>,
  now: number,
  settings: LinkSettings,
  random: number,
): LinkStep {
  if (socket === state.old) return { state: { ...state, old: null, dropAt: null }, actions: [] };
  if (socket !== state.current && socket !== state.next) return { state, actions: [] };
  const failures = state.failures + 1;
  const refusals = refused ? state.refusals + 1 : 0;
  const pause = Math.max(waitMs, backoffMs(settings.backoff, failures, random));
  if (socket === state.next) {
    // The old connection still stands: there is time.
    return { state: { ...state, next: null, failures, refusals, dueAt: now + pause }, actions: [] };
  }
  const downSince = state.currentLive ? aliveUntil : state.downSince;
  const after: LinkState = {
    ...state,
    failures,
    refusals,
    current: state.next,
    next: null,
    currentLive: false,
    firmAt: null,
    downSince,
    dueAt: state.next === null ? now + pause : null,
  };
  if (settings.maxFailures >= 0 && failures > settings.maxFailures)
    return {
      state: { ...after, dueAt: null },
      actions: [{ type: 'give-up', reason: `${failures} attempts failed; the last: ${reason}` }],
    };
  if (refusals >= settings.maxRefusals)
    return { state: { ...after, dueAt: null }, actions: [{ type: 'give-up', reason }] };
  return { state: after, actions: [] };
}

function tick(state: LinkState, now: number, settings: LinkSettings): LinkStep {
  const actions: LinkAction[] = [];
  let so = state;
  if (so.firmAt !== null && now >= so.firmAt) so = { ...so, firmAt: null, failures: 0 };
  if (so.dropAt !== null && now >= so.dropAt) {
    actions.push({ type: 'close', socket: so.old! });
    so = { ...so, old: null, dropAt: null };
  }
  if (so.dueAt !== null && now >= so.dueAt) {
    const socket = so.made + 1;
    so = { ...so, made: socket, dueAt: null };
    if (so.current === null) so = { ...so, current: socket };
    else if (settings.makeBeforeBreak) so = { ...so, next: socket };
    else {
      actions.push({ type: 'close', socket: so.current });
      so = { ...so, current: socket, currentLive: false, firmAt: null, downSince: now };
    }
    actions.push({ type: 'connect', socket });
  }
  return { state: so, actions };
}

/** When the next `tick` changes something. Infinity: never. */
export function nextLinkTick({ dueAt, dropAt, firmAt }: LinkState): number {
  return Math.min(
    dueAt ?? Number.POSITIVE_INFINITY,
    dropAt ?? Number.POSITIVE_INFINITY,
    firmAt ?? Number.POSITIVE_INFINITY,
  );
}
