import t from 'tap';
import {
  type LinkEvent,
  type LinkSettings,
  type LinkState,
  nextLinkTick,
  stepLink,
  unlinked,
} from '../src/link-state.ts';
import {
  connecting,
  nextTick,
  type SocketEvent,
  type SocketSettings,
  type SocketState,
  step,
} from '../src/socket-state.ts';

const stages = [
  { name: 'connect', send: [], expects: 1 },
  { name: 'authenticate', send: ['auth'], expects: 1 },
  { name: 'subscribe', send: ['a', 'b'], expects: 2 },
];
const settings: SocketSettings = {
  stages,
  connectMs: 100,
  talkMs: 50,
  silenceMs: 1000,
  pingMs: 300,
  pongMs: 60,
  heartbeatMs: 0,
};

/** Feeds events at times; tells the actions of each. */
function play(own: SocketSettings, ...events: ReadonlyArray<readonly [number, SocketEvent]>) {
  let state: SocketState = connecting(0);
  const told = events.map(([now, event]) => {
    const next = step(state, event, now, own);
    state = next.state;
    return next.actions.map((action) =>
      action.type === 'send' ? `send ${action.stage.send}` : action.type === 'fail' ? action.reason : action.type,
    );
  });
  return { state, told };
}

const tick = (heard = 0, blocked = false): SocketEvent => ({ type: 'tick', heard, blocked });
const ack = (stage: string, count = 1): SocketEvent => ({ type: 'acknowledged', stage, count });

t.test('a connection talks stage by stage, and is live when the last is acknowledged', async (t) => {
  const { state, told } = play(
    settings,
    [1, { type: 'opened' }],
    [2, ack('connect')],
    [3, ack('connect')],
    [4, ack('authenticate')],
    [5, ack('subscribe')],
    [6, { type: 'rejected' }],
  );
  t.strictSame(told, [[], ['send auth'], [], ['send a,b'], [], ['live']]);
  t.equal(state.phase, 'live');
});

t.test('what is refused together is asked for one by one, so that those that are right go on', async (t) => {
  const own = { ...settings, stages: [{ name: 'subscribe', send: ['a,b,c'], expects: 1, apart: ['a', 'b', 'c'] }] };
  const rejected: SocketEvent = { type: 'rejected' };
  const talk = play(
    own,
    [1, { type: 'opened' }],
    [2, rejected],
    [3, ack('subscribe')],
    [4, rejected],
    [5, ack('subscribe')],
  );
  t.strictSame(talk.told, [['send a,b,c'], ['send a,b,c'], [], [], ['live']]);
  const none = play(own, [1, { type: 'opened' }], [2, rejected], [3, rejected], [4, rejected], [5, rejected]);
  t.match(none.told.at(-1), [/refused all/]);
});

t.test('one of several answers is enough where the server may give one for all, or one for each', async (t) => {
  const own = { ...settings, stages: [{ name: 'subscribe', send: ['a,b'], expects: 1, refusals: 2 }] };
  const rejected: SocketEvent = { type: 'rejected' };
  t.strictSame(play(own, [1, { type: 'opened' }], [2, rejected], [3, ack('subscribe')]).told, [
    ['send a,b'],
    [],
    ['live'],
  ]);
  t.match(play(own, [1, { type: 'opened' }], [2, rejected], [3, rejected]).told.at(-1), [/refused all/]);
});

t.test('without acknowledgements it is live at once', async (t) => {
  const own = { ...settings, stages: [{ name: 'subscribe', send: ['a'], expects: 0 }] };
  t.strictSame(play(own, [1, { type: 'opened' }]).told, [['send a', 'live']]);
});

t.test('it fails when nothing of what it asked for is granted, and when the server takes too long', async (t) => {
  const refused = { ...settings, stages: [{ name: 'subscribe', send: ['a'], expects: 1 }] };
  t.match(play(refused, [1, { type: 'opened' }], [2, { type: 'rejected' }]).told[1], [/refused all/]);
  t.match(play(settings, [99, tick()], [100, tick()]).told, [[], [/no connection within 100 ms/]]);
  t.match(play(settings, [1, { type: 'opened' }], [51, tick()]).told[1], [/no answer to 'connect' within 50 ms/]);
});

t.test('a ping without an answer and a silence end it, but not while nothing is read', async (t) => {
  const live = { ...settings, stages: [] };
  const opened = [0, { type: 'opened' }] as const;
  t.match(play(live, opened, [300, tick(300)], [360, tick(300)]).told, [['live'], ['ping'], [/no answer to a ping/]]);
  t.strictSame(play(live, opened, [300, tick(300)], [310, { type: 'pong' }], [400, tick(400)]).told.slice(1), [
    ['ping'],
    [],
    [],
  ]);
  t.match(play({ ...live, pingMs: 0 }, opened, [1000, tick()]).told[1], [/no message for 1000 ms/]);
  const blocked = play(live, opened, [300, tick()], [5000, tick(0, true)], [5100, tick()]);
  t.strictSame(blocked.told.slice(2), [[], []]);
});

t.test('the next tick is when something can happen', async (t) => {
  t.equal(nextTick(connecting(5), settings), 105);
  const live = { ...settings, stages: [] };
  const { state } = play(live, [10, { type: 'opened' }]);
  t.equal(nextTick(state, live), 310);
  t.equal(nextTick(state, { ...live, pingMs: 0 }), 1010);
  t.equal(nextTick(state, { ...live, pingMs: 0, silenceMs: 0 }), Number.POSITIVE_INFINITY);
});

const link: LinkSettings = {
  backoff: { firstMs: 10, maxMs: 40 },
  plannedMs: 1000,
  overlapMs: 100,
  makeBeforeBreak: true,
  maxFailures: -1,
  maxRefusals: 3,
  firmMs: 50,
};

function playLink(own: LinkSettings, ...events: ReadonlyArray<readonly [number, LinkEvent]>) {
  let state: LinkState = unlinked(0);
  const told = events.map(([now, event]) => {
    const next = stepLink(state, event, now, own, 1);
    state = next.state;
    return next.actions.map((action) =>
      'socket' in action
        ? `${action.type} ${action.socket}`
        : action.type === 'up'
          ? `up ${action.downSince}`
          : action.reason,
    );
  });
  return { state, told };
}

const TICK: LinkEvent = { type: 'tick' };
const live = (socket: number): LinkEvent => ({ type: 'live', socket });
const lost = (socket: number, refused = false, waitMs = 0): LinkEvent => ({
  type: 'lost',
  socket,
  reason: 'gone',
  refused,
  waitMs,
  aliveUntil: 4,
});

t.test('a lost connection is made again, after pauses that double, or as long as the server asks', async (t) => {
  const { state, told } = playLink(
    link,
    [0, TICK],
    [1, live(1)],
    [5, lost(1)],
    [14, TICK],
    [15, TICK],
    [16, lost(2)],
    [35, TICK],
    [36, TICK],
    [37, live(3)],
  );
  t.strictSame(told, [['connect 1'], ['up null'], [], [], ['connect 2'], [], [], ['connect 3'], ['up 4']]);
  t.equal(state.failures, 2);
  t.equal(playLink(link, [0, TICK], [1, lost(1, false, 500)]).state.dueAt, 501);
});

t.test('a connection that stood firm wipes the failures out', async (t) => {
  const { state } = playLink(link, [0, TICK], [1, lost(1)], [11, TICK], [12, live(2)], [62, TICK]);
  t.equal(state.failures, 0);
});

t.test('a planned replacement is up before the old connection goes', async (t) => {
  const { told } = playLink(link, [0, TICK], [1, live(1)], [1001, TICK], [1010, live(2)], [1109, TICK], [1110, TICK]);
  t.strictSame(told, [['connect 1'], ['up null'], ['connect 2'], ['up null'], [], ['close 1']]);
  const failed = playLink(link, [0, TICK], [1, live(1)], [1001, TICK], [1005, lost(2)], [1014, TICK], [1015, TICK]);
  t.strictSame(failed.told.slice(3), [[], [], ['connect 3']], 'the old one stands until a new one does');
  t.equal(failed.state.current, 1);
  const both = playLink(link, [0, TICK], [1, live(1)], [1001, TICK], [1002, lost(1)], [1010, live(2)]);
  t.strictSame(both.told.slice(3), [[], ['up 4']], 'if the old one is lost meanwhile, the new one takes its place');
});

t.test('where the feed allows one connection, the old one goes first', async (t) => {
  const { told } = playLink(
    { ...link, makeBeforeBreak: false },
    [0, TICK],
    [1, live(1)],
    [1001, TICK],
    [1010, live(2)],
  );
  t.strictSame(told, [['connect 1'], ['up null'], ['close 1', 'connect 2'], ['up 1001']]);
});

t.test('a server that says that it will go is left at once', async (t) => {
  const { told } = playLink(
    link,
    [0, TICK],
    [1, live(1)],
    [5, { type: 'leaving', socket: 1 }],
    [6, { type: 'leaving', socket: 1 }],
  );
  t.strictSame(told.slice(2), [['connect 2'], []]);
});

t.test('a server that says so to everybody is not gone round and round', async (t) => {
  const leaving = (socket: number): LinkEvent => ({ type: 'leaving', socket });
  const { told, state } = playLink(
    link,
    [0, TICK],
    [1, live(1)],
    [2, leaving(1)],
    [3, live(2)],
    [4, leaving(2)],
    [23, TICK],
    [24, TICK],
  );
  t.strictSame(told.slice(2), [['connect 2'], ['up null'], [], [], ['connect 3']], 'the pause of a second failure');
  t.equal(state.current, 2);
});

t.test('it gives up after so many failures, or three permanent refusals in a row', async (t) => {
  t.match(playLink({ ...link, maxFailures: 1 }, [0, TICK], [1, lost(1)], [11, TICK], [12, lost(2)]).told[3], [
    /2 attempts failed; the last: gone/,
  ]);
  const refusals = [
    [0, TICK],
    [1, lost(1, true)],
    [90, TICK],
    [91, lost(2, true)],
    [190, TICK],
    [191, lost(3, true)],
  ] as const;
  t.strictSame(playLink(link, ...refusals).told[5], ['gone']);
});

t.test('the next tick of a link is the first of what is due', async (t) => {
  t.equal(nextLinkTick(unlinked(7)), 7);
  t.equal(nextLinkTick(playLink(link, [0, TICK], [1, live(1)]).state), 51);
});
