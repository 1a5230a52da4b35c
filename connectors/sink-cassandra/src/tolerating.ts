import { messageOf, type SinkContext } from '@tributary/api';
import { errors } from 'cassandra-driver';
import type { CassandraConfig } from './settings/table-settings.ts';

/** The values of `ignoreErrors`; `true` and `false` are its old ones. */
const MODES = { none: 'none', false: 'none', all: 'all', driver: 'driver', true: 'driver' } as const;

/** The context, but for records that `ignoreErrors` says are only logged. */
export function tolerating({ ignoreErrors }: CassandraConfig, context: SinkContext): SinkContext {
  const mode = MODES[ignoreErrors.toLowerCase() as keyof typeof MODES];
  if (mode === 'none') return context;
  const reportErrant: SinkContext['reportErrant'] = (record, error) => {
    const refused = error instanceof Error && error.cause instanceof errors.ResponseError;
    if (mode === 'driver' && !refused) return context.reportErrant(record, error);
    context.log.warn(
      `A record was left out (ignoreErrors=${ignoreErrors}): ${record.topic}-${record.partition} at ${record.offset}: ${messageOf(error)}`,
    );
  };
  return new Proxy(context, {
    get(target, name) {
      if (name === 'reportErrant') return reportErrant;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}
