import type { TimeUnit } from '../line/timestamp.ts';
import type { Destination } from './answer.ts';

export interface Target {
  readonly kind: 'bucket' | 'database';
  /** May hold `${topic}`. */
  readonly name: string;
  readonly org: string | null;
  readonly retentionPolicy: string | null;
  readonly consistency: string | null;
  /** That of the times in requests. */
  readonly precision: TimeUnit;
}

/** Where the records of a topic are sent to. */
export interface Route extends Destination {
  /** With its query. */
  readonly path: string;
}

export function routeTo(target: Target, name: string): Route {
  const { kind, org, retentionPolicy, consistency, precision } = target;
  const query = new URLSearchParams(
    kind === 'bucket'
      ? { ...(org !== null && { org }), bucket: name, precision }
      : { db: name, ...(retentionPolicy !== null && { rp: retentionPolicy }), precision },
  );
  if (consistency !== null) query.set('consistency', consistency);
  return { kind, name, org, path: `${kind === 'bucket' ? '/api/v2/write' : '/write'}?${query}` };
}
