import { DataError, isContainer, Schema, type SinkRecord } from '@tributary/api';
import type { SinkConfig } from '../config.ts';
import { namesOf, type Plan, planOf } from './plan.ts';

/** A record as the fields that are to be written; for a delete those of the key alone. */
export interface Extracted {
  readonly record: SinkRecord;
  readonly plan: Plan;
  /** By the places of the plan's fields; null for null. */
  readonly values: readonly unknown[];
  readonly isDelete: boolean;
}

/** A plan for records that have no schema: for those with the same names in key and value. */
interface NamedPlan {
  readonly keySchema: Schema | null;
  readonly valueSchema: Schema | null;
  /** Null: no container. */
  readonly keyNames: readonly string[] | null;
  readonly valueNames: readonly string[] | null;
  readonly plan: Plan;
}

/** Stands for a schema that is not there. */
const NONE = Schema.boolean({ name: 'none' });
/** Maps whose keys are data would fill the memory. */
const MOST_PLANS = 1000;

/** Takes records apart. Plans are made once for all records of one form. */
export class Extractor {
  readonly #config: SinkConfig;
  readonly #bySchemas = new WeakMap<Schema, WeakMap<Schema, Plan>>();
  readonly #byNames = new Map<string, NamedPlan>();
  #last: NamedPlan | undefined;

  constructor(config: SinkConfig) {
    this.#config = config;
  }

  /** @throws DataError for a record without the key or the value that the config asks for */
  extract(record: SinkRecord): Extracted {
    const isDelete = record.value === null;
    if (isDelete && !this.#config['delete.enabled'])
      throw new DataError(
        'The record has no value, and delete.enabled=false: set delete.enabled=true with pk.mode=record_key to delete rows by it, or drop such records with the predicate RecordIsTombstone',
      );
    const plan = this.#planFor(record);
    const values = new Array<unknown>(plan.fields.length);
    for (let i = 0; i < values.length; i++) values[i] = plan.fields[i]!.read(record);
    return { record, plan, values, isDelete };
  }

  #planFor(record: SinkRecord): Plan {
    const { key, keySchema, value, valueSchema } = record;
    const usesKey = this.#config['pk.mode'] === 'record_key';
    // What has neither names nor a schema is no row; planOf says what is wrong with it.
    if (
      Array.isArray(key) ||
      (value !== null && valueSchema === null && !isContainer(value) && typeof value !== 'string')
    )
      return planOf(record, this.#config);
    if ((usesKey && isOpen(key, keySchema)) || isOpen(value, valueSchema)) return this.#planByNames(record);
    // Nulls have a plan of their own, whatever their schema says.
    const first = (usesKey && key !== null && keySchema) || NONE;
    const second = (value !== null && valueSchema) || (typeof value === 'string' ? Schema.string() : NONE);
    const known = this.#bySchemas.get(first)?.get(second);
    if (known) return known;
    const plan = planOf(record, this.#config);
    const inner = this.#bySchemas.get(first) ?? new WeakMap<Schema, Plan>();
    this.#bySchemas.set(first, inner.set(second, plan));
    return plan;
  }

  #planByNames(record: SinkRecord): Plan {
    const { keySchema, valueSchema } = record;
    const keyNames = isContainer(record.key) ? namesOf(record.key) : null;
    const valueNames = isContainer(record.value) ? namesOf(record.value) : null;
    const fits = (named: NamedPlan | undefined): named is NamedPlan =>
      named !== undefined &&
      named.keySchema === keySchema &&
      named.valueSchema === valueSchema &&
      sameNames(named.keyNames, keyNames) &&
      sameNames(named.valueNames, valueNames);
    if (fits(this.#last)) return this.#last.plan;
    const id = JSON.stringify([keyNames, valueNames]);
    const known = this.#byNames.get(id);
    this.#last = fits(known)
      ? known
      : { keySchema, valueSchema, keyNames, valueNames, plan: planOf(record, this.#config) };
    if (this.#last !== known) {
      if (this.#byNames.size >= MOST_PLANS) this.#byNames.clear();
      this.#byNames.set(id, this.#last);
    }
    return this.#last.plan;
  }
}

/** Whether the names in it are known by looking at it alone, and not by its schema. */
const isOpen = (value: unknown, schema: Schema | null): boolean =>
  isContainer(value) && (schema === null || schema.type === 'map');

const sameNames = (a: readonly string[] | null, b: readonly string[] | null): boolean =>
  a === b || (a !== null && b !== null && a.length === b.length && a.every((name, i) => name === b[i]));
