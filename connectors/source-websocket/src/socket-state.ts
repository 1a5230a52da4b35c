import type { Stage } from './feed.ts';

/** What one connection goes through. Nothing here does anything: `step` says what is to be done. */
export interface SocketState {
  readonly phase: 'connecting' | 'talking' | 'live' | 'closed';
  /** When the phase, or the stage of the talk, began. Milliseconds, as all times here. */
  readonly since: number;
  /** The stage of the talk. */
  readonly stage: number;
  /** Whether each symbol is asked for by itself, since the server refused to grant them together. */
  readonly apart: boolean;
  readonly acknowledged: number;
  readonly rejected: number;
  /** When the last message came, as far as known. */
  readonly heard: number;
  /** When the last ping was sent or answered. */
  readonly pinged: number;
  /** Whether the last ping has not been answered. */
  readonly pinging: boolean;
  /** When the last heartbeat was sent. */
  readonly beat: number;
}

export interface SocketSettings {
  readonly stages: readonly Stage[];
  readonly connectMs: number;
  /** How long a stage of the talk may take. */
  readonly talkMs: number;
  /** 0: no limit. */
  readonly silenceMs: number;
  /** 0: no pings. */
  readonly pingMs: number;
  readonly pongMs: number;
  /** 0: no heartbeats. */
  readonly heartbeatMs: number;
}

export type SocketEvent =
  | { readonly type: 'opened' }
  | { readonly type: 'acknowledged'; readonly stage: string; readonly count: number }
  | { readonly type: 'rejected' }
  | { readonly type: 'pong' }
  /** Time has passed. `heard` is when the last message came; `blocked` whether nothing is being read. */
  | { readonly type: 'tick'; readonly heard: number; readonly blocked: boolean };

export type SocketAction =
  | { readonly type: 'send'; readonly stage: Stage }
  | { readonly type: 'ping' }
  | { readonly type: 'heartbeat' }
  | { readonly type: 'live' }
  | { readonly type: 'fail'; readonly reason: string; readonly refused: boolean };

export interface Step {
  readonly state: SocketState;
  readonly actions: readonly SocketAction[];
}

export function connecting(now: number): SocketState {
  return {
    phase: 'connecting',
    since: now,
    stage: -1,
    apart: false,
    acknowledged: 0,
    rejected: 0,
    heard: now,
    pinged: now,
    pinging: false,
    beat: now,
  };
}

const same = (state: SocketState): Step => ({ state, actions: [] });
const fail = (state: SocketState, reason: string, refused = false): Step => ({
  state: { ...state, phase: 'closed' },
  actions: [{ type: 'fail', reason, refused }],
});

export function step(state: SocketState, event: SocketEvent, now: number, settings: SocketSettings): Step {
  if (state.phase === 'closed') return same(state);
  switch (event.type) {
    case 'opened':
      return enter({ ...state, phase: 'talking', heard: now, pinged: now, beat: now }, 0, now, settings);
    case 'pong':
      return same({ ...state, pinging: false, pinged: now });
    case 'acknowledged': {
      const stage = stageOf(state, settings);
      if (state.phase !== 'talking' || stage?.name !== event.stage) return same(state);
      return counted({ ...state, acknowledged: state.acknowledged + event.count }, stage, now, settings);
    }
    case 'rejected': {
      const stage = stageOf(state, settings);
      if (state.phase !== 'talking' || !stage || stage.expects === 0) return same(state);
      if (stage.apart && stage.apart.length > 1) return divide(state, now, settings);
      return counted({ ...state, rejected: state.rejected + 1 }, stage, now, settings);
    }
    case 'tick':
      return tick({ ...state, heard: Math.max(state.heard, event.heard) }, event.blocked, now, settings);
  }
}

/** The stage that the talk has come to. */
function stageOf({ stage, apart }: SocketState, { stages }: SocketSettings): Stage | undefined {
  const whole = stages[stage];
  if (!apart || !whole?.apart) return whole;
  const { apart: send, ...rest } = whole;
  return { ...rest, send, expects: send.length };
}

/** Asks for each symbol by itself. */
function divide(state: SocketState, now: number, settings: SocketSettings): Step {
  const next: SocketState = { ...state, apart: true, since: now, acknowledged: 0, rejected: 0 };
  return { state: next, actions: [{ type: 'send', stage: stageOf(next, settings)! }] };
}

/** Begins a stage, and those behind it if nothing is waited for. */
function enter(state: SocketState, from: number, now: number, { stages }: SocketSettings): Step {
  const actions: SocketAction[] = [];
  for (let i = from; i < stages.length; i++) {
    const stage = stages[i]!;
    if (stage.send.length > 0) actions.push({ type: 'send', stage });
    if (stage.expects > 0)
      return { state: { ...state, stage: i, apart: false, since: now, acknowledged: 0, rejected: 0 }, actions };
  }
  actions.push({ type: 'live' });
  return { state: { ...state, phase: 'live', since: now, stage: stages.length }, actions };
}

function counted(state: SocketState, stage: Stage, now: number, settings: SocketSettings): Step {
  if (state.acknowledged + state.rejected < stage.expects) return same(state);
  if (state.acknowledged === 0 && state.rejected < (stage.refusals ?? 0)) return same(state);
  if (state.acknowledged === 0) return fail(state, `the server refused all that was asked for (${stage.name})`, true);
  return enter(state, state.stage + 1, now, settings);
}

function tick(state: SocketState, blocked: boolean, now: number, settings: SocketSettings): Step {
  const { connectMs, silenceMs, pingMs, pongMs, heartbeatMs } = settings;
  if (state.phase === 'connecting')
    return now - state.since >= connectMs ? fail(state, `no connection within ${connectMs} ms`) : same(state);
  // While nothing is read there is nothing to be heard, which is not the server's fault.
  if (blocked)
    return same({
      ...state,
      since: state.phase === 'talking' ? now : state.since,
      heard: now,
      pinged: now,
      pinging: false,
    });
  if (state.phase === 'talking' && now - state.since >= talkLimit(state, settings))
    return fail(state, `no answer to '${settings.stages[state.stage]!.name}' within ${settings.talkMs} ms`);
  if (state.pinging && now - state.pinged >= pongMs) return fail(state, `no answer to a ping within ${pongMs} ms`);
  if (state.phase === 'live' && silenceMs > 0 && now - Math.max(state.heard, state.since) >= silenceMs)
    return fail(state, `no message for ${silenceMs} ms`);
  const actions: SocketAction[] = [];
  let next = state;
  if (pingMs > 0 && !state.pinging && now - state.pinged >= pingMs) {
    next = { ...next, pinging: true, pinged: now };
    actions.push({ type: 'ping' });
  }
  if (state.phase === 'live' && heartbeatMs > 0 && now - state.beat >= heartbeatMs) {
    next = { ...next, beat: now };
    actions.push({ type: 'heartbeat' });
  }
  return { state: next, actions };
}

/** The limit begins when the last message of the stage has been sent. */
function talkLimit(state: SocketState, settings: SocketSettings): number {
  const stage = stageOf(state, settings)!;
  return settings.talkMs + (stage.paceMs ?? 0) * Math.max(stage.send.length - 1, 0);
}

/** When the next `tick` can change anything. Infinity: never. */
export function nextTick(state: SocketState, settings: SocketSettings): number {
  const { connectMs, silenceMs, pingMs, pongMs, heartbeatMs } = settings;
  switch (state.phase) {
    case 'closed':
      return Number.POSITIVE_INFINITY;
    case 'connecting':
      return state.since + connectMs;
    default: {
      const ping = state.pinging
        ? state.pinged + pongMs
        : pingMs > 0
          ? state.pinged + pingMs
          : Number.POSITIVE_INFINITY;
      if (state.phase === 'talking') return Math.min(ping, state.since + talkLimit(state, settings));
      const silence = silenceMs > 0 ? Math.max(state.heard, state.since) + silenceMs : Number.POSITIVE_INFINITY;
      const beat = heartbeatMs > 0 ? state.beat + heartbeatMs : Number.POSITIVE_INFINITY;
      return Math.min(ping, silence, beat);
    }
  }
}
