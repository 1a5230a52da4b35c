import type { Connected } from './connected.ts';
import type { Protocol, Rules } from './protocol.ts';

/** What the feed does by the clock with one connection. */
export interface Kept {
  /** A message or a ping came. */
  heard(): void;
  /** A pong came. */
  answered(): void;
  end(): void;
}

/** Keeps the feed's rules for a connection: patience, pings, the longest time, the rate of messages. Heartbeats are the feed's. */
export function keepRules(client: Connected, protocol: Protocol, rules: Rules): Kept {
  const { pingMs, pongMs = Number.POSITIVE_INFINITY, lifetimeMs, patienceMs, messagesPerSecond } = rules;
  const timers: NodeJS.Timeout[] = [];
  let asked = 0;
  let second = 0;
  let heard = 0;
  if (patienceMs !== undefined)
    timers.push(
      setTimeout(() => {
        if (!client.authenticated && client.symbols.size === 0 && !client.dead) protocol.impatient?.(client);
      }, patienceMs),
    );
  if (lifetimeMs !== undefined)
    timers.push(setTimeout(() => client.close(1001, 'the connection has lasted long enough'), lifetimeMs));
  if (pingMs !== undefined)
    timers.push(
      setInterval(() => {
        const now = Date.now();
        if (asked > 0 && now - asked > pongMs) client.ws.terminate();
        else if (!client.dead && client.ws.readyState === client.ws.OPEN) {
          if (asked === 0) asked = now;
          client.ws.ping(String(now));
        }
      }, pingMs),
    );
  for (const timer of timers) timer.unref();
  return {
    heard() {
      if (messagesPerSecond === undefined) return;
      const now = Math.floor(Date.now() / 1000);
      heard = now === second ? heard + 1 : 1;
      second = now;
      if (heard > messagesPerSecond) client.close(1008, 'Too many requests');
    },
    answered() {
      asked = 0;
    },
    end() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
