import type { LoadColumn, Session } from '../connection/session.ts';
import type { Staged } from '../convert/column.ts';
import type { Row } from './fold.ts';
import { isOmittable } from './sql.ts';
import {
  createStagingSql,
  DELETES,
  NUMBER,
  presentName,
  type Staging,
  type StagingColumn,
  sameShape,
  valueName,
} from './staging.ts';
import type { Target } from './target.ts';

/** Rows that are in their staging table. */
export interface Loaded {
  readonly target: Target;
  readonly staging: Staging;
  /** The sets of columns with a default that rows leave out, by place. */
  readonly omitted: readonly ReadonlySet<number>[];
}

/** The staging tables of one session: made when needed, kept for the next batch. */
export class Loader {
  readonly #session: Session;
  /** By the quoted names of the tables that they are for. */
  readonly #stagings = new Map<string, Staging>();
  /** Those that may hold rows. */
  readonly #filled = new Set<string>();
  #made = 0;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Whether nothing but rows is left of a write that failed: not the setting that lets values into an identity. */
  get canEmpty(): boolean {
    return ![...this.#stagings.values()].some(({ columns }) => columns.some(({ column }) => column.identity));
  }

  async load(target: Target, rows: readonly Row[]): Promise<Loaded> {
    const deletes = rows.some(({ isDelete }) => isDelete) || this.#stagings.get(target.sqlName)?.deletes === true;
    const staging = await this.#staging(target, deletes);
    const omitted = omittedBy(staging.columns, rows);
    this.#filled.add(staging.name);
    await this.#session.load(`[${staging.name}]`, loadColumns(staging), stagedRows(staging, rows, omitted[0]!));
    return { target, staging, omitted };
  }

  /** A batch ended by emptying its tables. */
  emptied(): void {
    this.#filled.clear();
  }

  async #staging(target: Target, deletes: boolean): Promise<Staging> {
    const known = this.#stagings.get(target.sqlName);
    const columns = target.columns.map((column) => ({ ...column }));
    if (known && sameShape(known, { columns, deletes })) {
      if (this.#filled.has(known.name)) await this.#session.batch(`TRUNCATE TABLE [${known.name}]`);
      return { ...known, columns };
    }
    const staging: Staging = { name: `#tributary${++this.#made}`, columns, deletes };
    const drop = known ? `DROP TABLE [${known.name}];\n` : '';
    await this.#session.batch(`${drop}${createStagingSql(staging)}`);
    this.#stagings.set(target.sqlName, staging);
    return staging;
  }
}

function loadColumns({ columns, deletes }: Staging): readonly LoadColumn[] {
  const bare = (name: string): string => name.slice(1, -1);
  const flag = (name: string): LoadColumn => ({ name: bare(name), type: { type: 'bit' }, nullable: false });
  return [
    { name: bare(NUMBER), type: { type: 'int' }, nullable: false },
    ...(deletes ? [flag(DELETES)] : []),
    ...columns.flatMap(({ staged, optional }, place) => [
      { name: bare(valueName(place)), type: staged, nullable: true },
      ...(optional ? [flag(presentName(place))] : []),
    ]),
  ];
}

/** The rows as the driver takes them, one at a time. */
function* stagedRows(
  { columns, deletes }: Staging,
  rows: readonly Row[],
  first: ReadonlySet<number>,
): Iterable<readonly (Staged | null)[]> {
  for (let n = 0; n < rows.length; n++) {
    const { isDelete, values } = rows[n]!;
    const cells: (Staged | null)[] = deletes ? [n, isDelete] : [n];
    for (let place = 0; place < columns.length; place++) {
      const value = values[place];
      cells.push(value ?? null);
      // A delete counts among the rows of the first statement.
      if (columns[place]!.optional) cells.push(isDelete ? !first.has(place) : value !== undefined);
    }
    yield cells;
  }
}

function omittedBy(columns: readonly StagingColumn[], rows: readonly Row[]): readonly ReadonlySet<number>[] {
  const places = columns.flatMap((column, place) => (isOmittable(column) ? [place] : []));
  if (places.length === 0) return [new Set()];
  const sets = new Map<string, ReadonlySet<number>>();
  for (const { isDelete, values } of rows) {
    if (isDelete) continue;
    const missing = places.filter((place) => values[place] === undefined);
    const id = missing.join();
    if (!sets.has(id)) sets.set(id, new Set(missing));
  }
  return sets.size === 0 ? [new Set()] : [...sets.values()];
}
