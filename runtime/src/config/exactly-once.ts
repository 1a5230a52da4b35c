import type { Config, ConfigDef, Props, SourceDefinition } from '@tributary/api';
import { isEmbedded } from '../broker/open.ts';
import type { Checked } from './checked.ts';

/** Whether sources of a worker write each record once (KIP-618). On the embedded log they always do. */
export function exactlyOnceEnabled(worker: Props): boolean {
  return (
    worker['exactly.once.source.support']?.trim().toLowerCase() === 'enabled' ||
    isEmbedded(worker['bootstrap.servers'] ?? '')
  );
}

/**
 * The transactional id that the leader of the workers writes to the config topic with, named as Java names it; null where none is needed. It
 * is from `preparing` on, so that no leader without it is left when the first worker has exactly-once enabled.
 */
export function leaderTransactionalId(groupId: string, support: string): string | null {
  return support.toLowerCase() === 'disabled' ? null : `connect-cluster-${groupId}`;
}

/** The transactional id of a source task's producer, named as Java names it so that a task fences its predecessor there, too. */
export const transactionalIdOf = (groupId: string, connector: string, task: number): string =>
  `${groupId}-${connector}-${task}`;

/** Checks before a source is made that it and the worker can give what it is asked for, with Java's messages. */
export function checkExactlyOnce(
  definition: SourceDefinition,
  common: readonly Checked[],
  config: Config<ConfigDef>,
  worker: Props,
): void {
  const of = (name: string): Checked => common.find((item) => item.name === name)!;
  const [support, boundary] = [of('exactly.once.support'), of('transaction.boundary')];
  const is = (item: Checked, value: string): boolean =>
    item.errors.length === 0 && String(item.value).toLowerCase() === value;
  if (is(support, 'required')) {
    if (!exactlyOnceEnabled(worker))
      support.errors.push('This worker does not have exactly-once source support enabled.');
    const answer = definition.exactlyOnceSupport?.(config);
    if (answer === undefined) {
      support.errors.push(
        'The connector does not implement the API required for preflight validation of exactly-once source support. Please consult the documentation for the connector to determine whether it supports exactly-once semantics, and then consider reconfiguring the connector to use the value "requested" for this property (which will disable this preflight check and allow the connector to be created).',
      );
    } else if (answer === 'unsupported') {
      support.errors.push('The connector does not support exactly-once semantics with the provided configuration.');
    }
  }
  if (is(boundary, 'connector') && definition.canDefineTransactionBoundaries?.(config) !== 'supported') {
    boundary.errors.push(
      'The connector does not support connector-defined transaction boundaries with the given configuration. Please reconfigure it to use a different transaction boundary definition.',
    );
  }
}
