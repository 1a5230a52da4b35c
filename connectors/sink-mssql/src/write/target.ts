import { ConnectError } from '@tributary/api';
import { type ColumnWriter, columnWriter, type Staged } from '../convert/column.ts';
import { Misfit } from '../convert/misfit.ts';
import type { Zones } from '../convert/times.ts';
import type { Extracted } from '../record/extract.ts';
import type { Field, Plan } from '../record/plan.ts';
import { type Column, columnIndex, declaration, type TableInfo } from '../table/info.ts';
import { quoteTable } from '../table/name.ts';
import type { Row } from './fold.ts';
import type { StagingColumn } from './staging.ts';

/** Where a plan's fields go. */
interface Binding {
  /** For each field its place among the target's columns, -1 for none. */
  readonly places: readonly number[];
  /** A column that needs a value and gets none. */
  readonly bare: Column | undefined;
}

interface TargetColumn extends StagingColumn {
  readonly writer: ColumnWriter;
  optional: boolean;
}

/**
 * A table as rows are made for it. Its columns are those that records have had so far, so that records with other fields share one
 * statement; they only become more.
 */
export class Target {
  readonly info: TableInfo;
  /** Quoted. */
  readonly sqlName: string;
  readonly #zones: Zones;
  readonly #columns: TargetColumn[] = [];
  readonly #bindings = new WeakMap<Plan, Binding>();

  constructor(info: TableInfo, zones: Zones) {
    this.info = info;
    this.sqlName = quoteTable(info.name);
    this.#zones = zones;
  }

  get columns(): readonly StagingColumn[] {
    return this.#columns;
  }

  /** The places of the primary key's columns. */
  get keys(): readonly number[] {
    return this.#columns.flatMap(({ key }, place) => (key ? [place] : []));
  }

  /** The fields for which the table has no column. */
  missing(plan: Plan): readonly Field[] {
    return plan.fields.filter(({ name }) => columnIndex(this.info, name) < 0);
  }

  /**
   * A record as a row. Fields without a column are left out: {@link missing} has been asked.
   * @param needsAll whether a row is added in any case, so that all columns that need a value must have one
   * @throws DataError for a value that its column cannot hold, ConnectError for a column that cannot be written to
   */
  row({ record, plan, values, isDelete }: Extracted, needsAll: boolean): Row {
    const { places, bare } = this.#bindingOf(plan);
    if (bare && needsAll && !isDelete)
      throw new Misfit(
        `Column ${bare.name} (${declaration(bare)}) of table ${this.sqlName} takes no NULL and has no default, and the record has no field of that name`,
      );
    const staged = new Array<Staged | null | undefined>(this.#columns.length).fill(undefined);
    for (let i = 0; i < places.length; i++) {
      const place = places[i]!;
      if (place >= 0) staged[place] = this.#stage(place, values[i], plan.fields[i]!);
    }
    return { record, isDelete, values: staged };
  }

  /** Notes which columns some of these rows do not have. */
  noteOptional(rows: readonly Row[]): void {
    for (const [place, column] of this.#columns.entries()) {
      if (!column.key && !column.optional)
        column.optional = rows.some(({ isDelete, values }) => !isDelete && values[place] === undefined);
    }
  }

  #stage(place: number, value: unknown, field: Field): Staged | null {
    const { column, writer, key } = this.#columns[place]!;
    if (value === null || value === undefined) {
      if (!key && column.nullable) return null;
      throw new Misfit(
        `Column ${column.name} (${declaration(column)}) of table ${this.sqlName} ${key ? 'is part of the primary key' : 'takes no NULL'}, and field ${field.name} is null`,
      );
    }
    try {
      return writer.convert(value, field.schema);
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      throw new Misfit(`${error.message} (field ${field.name}, table ${this.sqlName})`);
    }
  }

  #bindingOf(plan: Plan): Binding {
    const known = this.#bindings.get(plan);
    if (known) return known;
    const binding = this.#bind(plan);
    this.#bindings.set(plan, binding);
    return binding;
  }

  #bind(plan: Plan): Binding {
    const taken = new Map<number, string>();
    const places = plan.fields.map((field) => {
      const index = columnIndex(this.info, field.name);
      if (index < 0) return -1;
      const other = taken.get(index);
      if (other !== undefined)
        throw new Misfit(
          `Fields ${other} and ${field.name} would both be column ${this.info.columns[index]!.name} of table ${this.sqlName}; rename one with ReplaceField`,
        );
      taken.set(index, field.name);
      return this.#placeOf(index, field);
    });
    const bare = this.info.columns.find(
      ({ nullable, hasDefault, identity, generated }, i) =>
        !taken.has(i) && !nullable && !hasDefault && !identity && !generated,
    );
    return { places, bare };
  }

  #placeOf(index: number, { name, key }: Field): number {
    const column = this.info.columns[index]!;
    const known = this.#columns.findIndex((candidate) => candidate.column === column);
    if (known >= 0) return known;
    if (column.generated)
      throw new ConnectError(
        `Column ${column.name} of table ${this.sqlName} is computed by SQL Server and cannot be written: leave field ${name} out by fields.whitelist or the transform ReplaceField`,
      );
    const writer = columnWriter(column, this.#zones);
    const { staged, cast, via } = writer;
    this.#columns.push({ column, writer, staged, cast, via, key, optional: false });
    return this.#columns.length - 1;
  }
}
