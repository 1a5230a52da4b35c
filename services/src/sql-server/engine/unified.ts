import { type Bound, coerce } from './bound.ts';
import { commonType } from './type-rules.ts';

/** The expressions, all in the type that they have in common. */
export function unified(of: readonly Bound[]): { type: Bound['type']; values: Bound[] } {
  let common = of[0]!;
  for (const next of of.slice(1)) {
    common = { ...next, type: commonType(common, next), untyped: common.untyped === true && next.untyped === true };
  }
  return { type: common.type, values: of.map((bound) => coerce(bound, common.type)) };
}
