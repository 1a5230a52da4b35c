import type { Expr } from '../sql/ast.ts';
import { type Bound, type BoundCondition, coerce, type Env } from './bound.ts';
import { keyOf } from './compare.ts';
import { keyPart, type Row, Table } from './table.ts';
import { commonCollation, commonType } from './type-rules.ts';
import { family, type SqlType, type SqlValue } from './types.ts';

type Values = readonly SqlValue[];

/** Where the rows of one slot come from. */
export interface Leaf {
  readonly kind: 'leaf';
  readonly slot: number;
  readonly from: Table | { readonly types: readonly SqlType[]; readonly rows: (env: Env) => readonly Values[] };
  /** The row of a table that is looked at. */
  current: Row | null;
}

/** An outer join: what is on the right may be missing. */
export interface Outer {
  readonly kind: 'outer';
  readonly left: Part;
  readonly right: Part;
  readonly on: readonly Conjunct[];
}

export interface Group {
  readonly kind: 'group';
  readonly parts: readonly Part[];
  readonly on: readonly Conjunct[];
}

export type Part = Leaf | Outer | Group;

/** One of the conditions that all must hold. */
export interface Conjunct extends BoundCondition {
  /** Of an equality: its sides. */
  readonly sides?: readonly [Bound, Bound];
}

/** Calls for each combination of rows until the visitor returns false; false if it did. */
export type Runner = (env: Env, visit: () => boolean) => boolean;

/** The conditions that are joined by AND. */
export const conjunctsOf = (expr: Expr | undefined): Expr[] =>
  expr === undefined ? [] : expr.kind === 'and' ? [...conjunctsOf(expr.left), ...conjunctsOf(expr.right)] : [expr];

export function slotsOf(part: Part): number[] {
  if (part.kind === 'leaf') return [part.slot];
  return part.kind === 'outer' ? [...slotsOf(part.left), ...slotsOf(part.right)] : part.parts.flatMap(slotsOf);
}

/**
 * Plans how to go through the combinations of rows: the smallest part first, then those that can be looked up by
 * what is known, each condition as soon as it can be told.
 */
export function plan(parts: readonly Part[], conditions: readonly Conjunct[]): Runner {
  const flat = flatten(parts);
  const all = [...conditions, ...flat.on];
  const unknown = new Set(flat.parts.flatMap(slotsOf));
  const known = (slots: readonly number[]): boolean => slots.every((slot) => !unknown.has(slot));
  const open = new Set(all);
  const first = filter([...open].filter(({ slots }) => known(slots)));
  for (const conjunct of all) if (known(conjunct.slots)) open.delete(conjunct);
  const steps: Runner[] = [];
  const rest = new Set(flat.parts);
  while (rest.size > 0) {
    const next = choose([...rest], [...open], unknown);
    rest.delete(next);
    const equalities = next.kind === 'leaf' ? equalitiesOf(next, open, unknown) : [];
    for (const slot of slotsOf(next)) unknown.delete(slot);
    const step = next.kind === 'leaf' ? leafRunner(next, equalities) : outerRunner(next as Outer);
    const used = new Set(step.used);
    const tests = [...open].filter((conjunct) => known(conjunct.slots));
    for (const conjunct of tests) open.delete(conjunct);
    steps.push(filtered(step.run, filter(tests.filter((conjunct) => !used.has(conjunct)))));
  }
  return (env, visit) => {
    if (!first(env)) return true;
    const at = (index: number): boolean => {
      const step = steps[index];
      return step ? step(env, () => at(index + 1)) : visit();
    };
    return at(0);
  };
}

/** Groups are one with what they are part of. */
function flatten(parts: readonly Part[]): { parts: (Leaf | Outer)[]; on: Conjunct[] } {
  const flat: { parts: (Leaf | Outer)[]; on: Conjunct[] } = { parts: [], on: [] };
  for (const part of parts) {
    if (part.kind !== 'group') flat.parts.push(part);
    else {
      const inner = flatten(part.parts);
      flat.parts.push(...inner.parts);
      flat.on.push(...inner.on, ...part.on);
    }
  }
  return flat;
}

const filter = (tests: readonly BoundCondition[]): ((env: Env) => boolean) =>
  tests.length === 0 ? () => true : (env) => tests.every(({ test }) => test(env) === true);

const filtered =
  (run: Runner, holds: (env: Env) => boolean): Runner =>
  (env, visit) =>
    run(env, () => !holds(env) || visit());

interface Equality {
  readonly column: number;
  readonly probe: Bound;
  readonly conjunct: Conjunct;
}

function equalitiesOf(leaf: Leaf, open: ReadonlySet<Conjunct>, unknown: ReadonlySet<number>): Equality[] {
  const found = new Map<number, Equality>();
  for (const conjunct of open) {
    const [left, right] = conjunct.sides ?? [];
    if (!left || !right) continue;
    for (const [own, other] of [
      [left, right],
      [right, left],
    ] as const) {
      if (own.column?.slot !== leaf.slot || found.has(own.column.index)) continue;
      if (other.slots.some((slot) => unknown.has(slot))) continue;
      const probe = probeOf(own, other);
      if (probe) found.set(own.column.index, { column: own.column.index, probe, conjunct });
    }
  }
  return [...found.values()];
}

/** What a column can be looked up by; undefined if the column itself would have to be converted. */
function probeOf(own: Bound, other: Bound): Bound | undefined {
  if (other.untyped) return undefined;
  const [mine, theirs] = [family(own.type), family(other.type)];
  if (mine === 'text' && theirs === 'text') {
    const collation = commonCollation(own, other) ?? 'CI';
    if ((own.type.collation ?? 'CI') !== collation) return undefined;
    return { ...other, type: { ...other.type, collation } };
  }
  if (mine === 'exact' && theirs === 'exact') return other;
  const common = commonType(own, other);
  if (family(common) !== mine || (mine === 'approximate' && common.name !== own.type.name)) return undefined;
  return coerce(other, common);
}

function choose(
  parts: readonly (Leaf | Outer)[],
  open: readonly Conjunct[],
  unknown: ReadonlySet<number>,
): Leaf | Outer {
  const set = new Set(open);
  const ranked = parts.map((part) => {
    const equalities = part.kind === 'leaf' ? equalitiesOf(part, set, unknown).length : 0;
    return { part, looked: equalities > 0 ? 0 : 1, size: sizeOf(part) };
  });
  ranked.sort((a, b) => a.looked - b.looked || a.size - b.size);
  return ranked[0]!.part;
}

function sizeOf(part: Part): number {
  if (part.kind === 'leaf') return part.from instanceof Table ? part.from.rows.size : 1;
  return part.kind === 'outer' ? sizeOf(part.left) : Math.min(...part.parts.map(sizeOf));
}

function leafRunner(leaf: Leaf, equalities: readonly Equality[]): { run: Runner; used: readonly Conjunct[] } {
  const { from, slot } = leaf;
  if (equalities.length === 0)
    return { run: from instanceof Table ? scanTable(leaf, from) : scanRows(slot, from.rows), used: [] };
  const chosen = indexed(from, equalities);
  const columns = chosen.map(({ column }) => column);
  const probes = chosen.map(({ probe }) => ({ read: probe.eval, of: keyOf(probe.type) }));
  const lookup = from instanceof Table ? tableLookup(leaf, from, columns) : rowsLookup(slot, from, columns);
  const run: Runner = (env, visit) => {
    let key = '';
    for (const { read, of } of probes) {
      const value = read(env);
      if (value === null) return true;
      key += keyPart(value, of);
    }
    return lookup(env, key, visit);
  };
  return { run, used: chosen.map(({ conjunct }) => conjunct) };
}

/** The equalities that a unique key covers, in its order; else all, by column. */
function indexed(from: Leaf['from'], equalities: readonly Equality[]): Equality[] {
  if (from instanceof Table) {
    for (const key of from.keys) {
      const covering = key.columns.map((at) => equalities.find(({ column }) => column === at));
      if (covering.every((equality) => equality !== undefined)) return covering;
    }
  }
  return equalities.toSorted((a, b) => a.column - b.column);
}

function scanTable(leaf: Leaf, table: Table): Runner {
  return (env, visit) => {
    for (const row of table.rows) {
      leaf.current = row;
      env[leaf.slot] = row.values;
      if (!visit()) return false;
    }
    return true;
  };
}

function scanRows(slot: number, rows: (env: Env) => readonly Values[]): Runner {
  return (env, visit) => {
    for (const values of rows(env)) {
      env[slot] = values;
      if (!visit()) return false;
    }
    return true;
  };
}

type Lookup = (env: Env, key: string, visit: () => boolean) => boolean;

function tableLookup(leaf: Leaf, table: Table, columns: readonly number[]): Lookup {
  let find = table.lookup(columns);
  let { version } = table;
  return (env, key, visit) => {
    if (table.version !== version) {
      find = table.lookup(columns);
      version = table.version;
    }
    for (const row of find(key)) {
      leaf.current = row;
      env[leaf.slot] = row.values;
      if (!visit()) return false;
    }
    return true;
  };
}

function rowsLookup(slot: number, from: Exclude<Leaf['from'], Table>, columns: readonly number[]): Lookup {
  const keys = columns.map((at) => keyOf(from.types[at]!));
  let made: { rows: readonly Values[]; byKey: Map<string, Values[]> } | undefined;
  return (env, key, visit) => {
    const rows = from.rows(env);
    if (made?.rows !== rows) {
      const byKey = Map.groupBy(rows, (values) => columns.map((at, i) => keyPart(values[at]!, keys[i]!)).join(''));
      made = { rows, byKey };
    }
    for (const values of made.byKey.get(key) ?? []) {
      env[slot] = values;
      if (!visit()) return false;
    }
    return true;
  };
}

const nothing = (part: Part): { slot: number; values: Values; leaf: Leaf }[] => {
  if (part.kind === 'leaf') {
    const width = part.from instanceof Table ? part.from.columns.length : part.from.types.length;
    return [{ slot: part.slot, values: Array.from({ length: width }, () => null), leaf: part }];
  }
  return part.kind === 'outer' ? [...nothing(part.left), ...nothing(part.right)] : part.parts.flatMap(nothing);
};

function outerRunner(part: Outer): { run: Runner; used: readonly Conjunct[] } {
  const left = plan([part.left], []);
  const right = plan([part.right], part.on);
  const missing = nothing(part.right);
  const run: Runner = (env, visit) =>
    left(env, () => {
      let found = false;
      const more = right(env, () => {
        found = true;
        return visit();
      });
      if (!more) return false;
      if (found) return true;
      for (const { slot, values, leaf } of missing) {
        env[slot] = values;
        leaf.current = null;
      }
      return visit();
    });
  return { run, used: [] };
}
