import { itemsOf, shareOf } from './items.ts';
import type { WorkShare } from './work.ts';

/** What a member has once it has given up what was revoked and taken what is new. */
export function merged(
  current: WorkShare,
  { assigned, revoked }: { readonly assigned: WorkShare; readonly revoked: WorkShare },
): WorkShare {
  const items = itemsOf(current);
  for (const key of itemsOf(revoked).keys()) items.delete(key);
  for (const [key, item] of itemsOf(assigned)) items.set(key, item);
  return shareOf([...items.values()]);
}
