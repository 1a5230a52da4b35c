import type { WebSocketConfig } from './config.ts';
import { type Connection, divideSymbols } from './divide.ts';
import type { Feed } from './feed.ts';

/** In a task's config: its connections. */
export const CONNECTIONS = 'task.connections';

/** The connections of a config. @param maxTasks into as many as there can be tasks, as far as the feed allows more than one */
export function planConnections(config: WebSocketConfig, feed: Feed, maxTasks: number): readonly Connection[] {
  const { symbols } = config;
  const urls = feed.urls(symbols.slice(0, 1)).length;
  const per = feed.oneConnection ? Number.POSITIVE_INFINITY : feed.symbolsPerConnection;
  return divideSymbols(symbols, urls, per, feed.oneConnection ? 1 : Math.ceil(maxTasks / urls));
}

/** One config for each task: connections are dealt out in turn. */
export function taskConfigs(
  connections: readonly Connection[],
  maxTasks: number,
): ReadonlyArray<Record<string, string>> {
  const tasks = Math.min(maxTasks, connections.length);
  return Array.from({ length: tasks }, (_, task) => ({
    [CONNECTIONS]: JSON.stringify(connections.filter((_, i) => i % tasks === task)),
  }));
}
