import { ConnectError } from '@tributary/api';

const MAX_CAUSES = 8;

/** What the status of a failed task shows: the message on the first line, then the stack, then the causes. */
export function traceOf(error: unknown): string {
  const parts: string[] = [];
  let current: unknown = error;
  for (let i = 0; i < MAX_CAUSES && current !== undefined && current !== null; i++) {
    const prefix = i === 0 ? '' : 'Caused by: ';
    if (!(current instanceof Error)) {
      parts.push(`${prefix}${String(current)}`);
      break;
    }
    const frames = (current.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
    const name = current instanceof ConnectError || current.name === 'Error' ? '' : `${current.name}: `;
    parts.push([`${prefix}${name}${current.message}`, ...frames].join('\n'));
    current = current instanceof AggregateError ? (current.errors[0] ?? current.cause) : current.cause;
  }
  return parts.join('\n');
}
