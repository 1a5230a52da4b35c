import type { TaskId } from '../../tasks/task-spec.ts';
import type { WorkShare } from './work.ts';

/** One thing to share out: a task, or with -1 as task the connector itself, as in the group protocol. */
export interface Item extends TaskId {
  /** One for each item. */
  readonly key: string;
}

const CONNECTOR_ITSELF = -1;

const itemOf = (connector: string, task: number): Item => ({ key: `${task} ${connector}`, connector, task });

export const isConnector = (item: Item): boolean => item.task === CONNECTOR_ITSELF;

/** By key, each once, however often it is listed. */
export function itemsOf(share: WorkShare): Map<string, Item> {
  const items = new Map<string, Item>();
  const add = (item: Item) => items.set(item.key, item);
  for (const connector of share.connectors) add(itemOf(connector, CONNECTOR_ITSELF));
  for (const { connector, task } of share.tasks) add(itemOf(connector, task));
  return items;
}

export function shareOf(items: readonly Item[]): WorkShare {
  const sorted = [...items].sort(compareItems);
  return {
    connectors: sorted.filter(isConnector).map(({ connector }) => connector),
    tasks: sorted.filter((item) => !isConnector(item)).map(({ connector, task }) => ({ connector, task })),
  };
}

/** In an order that no locale changes. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const compareItems = (a: Item, b: Item): number => compareText(a.connector, b.connector) || a.task - b.task;
