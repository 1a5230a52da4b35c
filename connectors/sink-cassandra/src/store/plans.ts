import { ConfigError, type Logger, type SinkRecord } from '@tributary/api';
import { Codecs } from '../codec/codec.ts';
import { quoteTable } from '../cql/names.ts';
import type { Table } from '../cql/table.ts';
import { NewFields } from '../create/new-fields.ts';
import { TableMaker } from '../create/table-maker.ts';
import { TablePlan } from '../rows/plan.ts';
import type { CassandraConfig, Settings, TableSettings } from '../settings/table-settings.ts';
import { SchemaError } from './schema-error.ts';
import type { Session } from './session.ts';

type Records = readonly SinkRecord[];

/** A table whose columns are named as the fields. */
interface OpenTable {
  readonly table: Table;
  readonly newFields: NewFields;
}

interface TopicPlans {
  readonly plans: readonly TablePlan[];
  /** Of tables without a mapping. */
  readonly open: readonly OpenTable[];
  /** Whether a table is not there yet, and the records told nothing of it. */
  readonly isOpen: boolean;
}

/** How the records of each topic become rows, for as long as the tables stay as they are. */
export class Plans {
  readonly #config: CassandraConfig;
  readonly #settings: Settings;
  readonly #maker: TableMaker;
  readonly #log: Logger;
  #byTopic = new Map<string, TopicPlans>();

  constructor(config: CassandraConfig, settings: Settings, session: Session, log: Logger) {
    this.#config = config;
    this.#settings = settings;
    this.#maker = new TableMaker(config, session, log);
    this.#log = log;
  }

  /** Of a topic that `prepare` was called with. */
  of(topic: string): readonly TablePlan[] {
    return this.#byTopic.get(topic)!.plans;
  }

  /** Looks at the tables of topics that were not seen before, and of records with new fields. @throws SchemaError for what is missing */
  async prepare(records: Records): Promise<void> {
    const evolves = this.#config['auto.evolve'];
    const unstored = new Map<OpenTable, Set<string>>();
    let known: TopicPlans | undefined;
    let topic: string | undefined;
    for (const record of records) {
      if (record.topic !== topic) {
        topic = record.topic;
        known = this.#byTopic.get(topic);
        if (known === undefined || known.isOpen) known = await this.#add(topic, records);
      }
      for (const open of known!.open) {
        const names = open.newFields.in(record);
        if (names.length === 0) continue;
        if (evolves) {
          known = await this.#add(topic, records);
          break;
        }
        note(unstored, open, names);
      }
    }
    this.#warn(unstored);
  }

  /** Looks at the tables again. @returns whether any of them has changed */
  async refresh(records: Records): Promise<boolean> {
    const before = this.#byTopic;
    this.#byTopic = new Map();
    await this.prepare(records);
    return [...this.#byTopic].some(([topic, { plans }]) => {
      const old = before.get(topic)?.plans ?? [];
      return plans.some((plan, i) => JSON.stringify(plan.table) !== JSON.stringify(old[i]?.table));
    });
  }

  async #add(topic: string, records: Records): Promise<TopicPlans> {
    const own = records.filter((record) => record.topic === topic);
    const plans: TablePlan[] = [];
    const open: OpenTable[] = [];
    let isOpen = false;
    for (const settings of this.#settings.tablesOf(topic)) {
      const table = await this.#maker.table(settings, own);
      if (table === null) {
        isOpen = true;
        continue;
      }
      plans.push(planned(settings, table));
      if (settings.mapping === null) open.push({ table, newFields: new NewFields(table) });
    }
    const unstored = new Map<OpenTable, Set<string>>();
    for (const each of open) for (const record of own) note(unstored, each, each.newFields.in(record));
    this.#warn(unstored);
    const added = { plans, open, isOpen };
    this.#byTopic.set(topic, added);
    return added;
  }

  #warn(unstored: ReadonlyMap<OpenTable, ReadonlySet<string>>): void {
    for (const [{ table }, names] of unstored)
      this.#log.warn(
        `Table ${quoteTable(table.keyspace, table.name)} has no column for ${[...names].join(', ')}: they are not stored. Add the columns, or set auto.evolve=true to have them added, or say with a mapping what is to be stored`,
      );
  }
}

/** Each field is said once. */
function note(unstored: Map<OpenTable, Set<string>>, open: OpenTable, names: readonly string[]): void {
  if (names.length === 0) return;
  open.newFields.note(names);
  unstored.set(open, new Set([...(unstored.get(open) ?? []), ...names]));
}

/** @throws SchemaError if mapping and table do not fit together: either may be mended */
function planned(settings: TableSettings, table: Table): TablePlan {
  try {
    return planOf(settings, table);
  } catch (error) {
    throw error instanceof ConfigError ? new SchemaError(`${settings.key}: ${error.message}`, { cause: error }) : error;
  }
}

/** @throws ConfigError if mapping and table do not fit together */
export const planOf = (settings: TableSettings, table: Table): TablePlan =>
  new TablePlan(settings, table, new Codecs(settings.codec));
