import { ConnectError, type SinkRecord, type TopicPartition } from '@tributary/api';
import type { Parameters, Session } from '../connection/session.ts';
import { errorNumbers, FENCED, OFFSETS_MOVED } from '../errors.ts';
import { literal, quoteTable, type TableName } from '../table/name.ts';

type Query = Pick<Session, 'query'>;

/** What the database says of a partition. */
interface Claim {
  /** Counts who had the partition; a task with an older one may not write. */
  readonly epoch: number;
  /** The next offset to be written; -1: none was yet. */
  readonly offset: number;
}

const NOT_YET = -1;
/** There is such a table already. */
const EXISTS = 2714;

/**
 * The offsets of one connector in a table beside the rows, for exactly-once. A task claims its partitions by counting up their epochs; with
 * each write it moves their offsets on, in the same transaction, from exactly where it left them: so nobody writes a record twice, not a
 * task that lost its partition without noticing, and not one whose commit was done though its answer never came.
 */
export class OffsetTable {
  readonly #table: string;
  readonly #connector: string;
  readonly #claims = new Map<string, Claim>();
  #exists = false;

  constructor(table: TableName, connector: string) {
    this.#table = quoteTable(table);
    this.#connector = connector;
  }

  /** Takes partitions over from whoever had them. @returns where to go on, for those that have been written to */
  async claim(
    session: Query,
    partitions: readonly TopicPartition[],
  ): Promise<ReadonlyArray<TopicPartition & { offset: number }>> {
    await this.#create(session);
    const positions: Array<TopicPartition & { offset: number }> = [];
    for (const partition of partitions) {
      const rows = await session.query(claimSql(this.#table), this.#parameters(partition));
      const claim = claimOf(rows[0]!);
      this.#claims.set(nameOf(partition), claim);
      if (claim.offset !== NOT_YET) positions.push({ ...partition, offset: claim.offset });
    }
    return positions;
  }

  release(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#claims.delete(nameOf(partition));
  }

  /** Those of the records that are not written yet; claims partitions that could not be claimed when they were assigned. */
  async pending(session: Query, records: readonly SinkRecord[]): Promise<readonly SinkRecord[]> {
    const unclaimed = new Map<string, TopicPartition>();
    for (const record of records) {
      const partition = partitionOf(record);
      if (!this.#claims.has(nameOf(partition))) unclaimed.set(nameOf(partition), partition);
    }
    if (unclaimed.size > 0) await this.claim(session, [...unclaimed.values()]);
    return records.filter((record) => record.originalOffset >= this.#claims.get(nameOf(partitionOf(record)))!.offset);
  }

  /** Moves the offsets behind these records. They belong at the begin of the transaction that writes them: they lock out others. */
  advance(records: readonly SinkRecord[]): Advance {
    const next = new Map<string, { readonly partition: TopicPartition; offset: number }>();
    for (const record of records) {
      const partition = partitionOf(record);
      const name = nameOf(partition);
      const offset = record.originalOffset + 1;
      const known = next.get(name);
      if (!known) next.set(name, { partition, offset });
      else if (offset > known.offset) known.offset = offset;
    }
    const parameters: Record<string, string | number> = { connector: this.#connector };
    let sql = '';
    let i = 0;
    for (const [name, { partition, offset }] of next) {
      const { epoch, offset: from } = this.#claims.get(name)!;
      Object.assign(parameters, {
        [`topic${i}`]: partition.topic,
        [`partition${i}`]: partition.partition,
        [`epoch${i}`]: epoch,
        [`from${i}`]: from,
        [`to${i}`]: offset,
      });
      sql += advanceSql(this.#table, i);
      i++;
    }
    return {
      sql,
      parameters,
      done: () => {
        for (const [name, { offset }] of next) this.#claims.set(name, { ...this.#claims.get(name)!, offset });
      },
    };
  }

  /** After a write was refused because the offsets are not where they were left. @throws ConnectError if another task has the partition */
  async catchUp(session: Query, records: readonly SinkRecord[]): Promise<void> {
    const partitions = new Map(records.map((record) => [nameOf(partitionOf(record)), partitionOf(record)]));
    for (const [name, partition] of partitions) {
      const rows = await session.query(readSql(this.#table), this.#parameters(partition));
      const current = rows[0] === undefined ? undefined : claimOf(rows[0]);
      if (current?.epoch !== this.#claims.get(name)?.epoch)
        throw new ConnectError(
          `Another task has taken over ${name} in table ${this.#table}, so this one must not write any more (${FENCED}). If two connectors share the name ${this.#connector} and the database, give one of them another offsets.table.name`,
        );
      this.#claims.set(name, current!);
    }
  }

  #parameters({ topic, partition }: TopicPartition): Parameters {
    return { connector: this.#connector, topic, partition };
  }

  async #create(session: Query): Promise<void> {
    if (this.#exists) return;
    try {
      await session.query(createOffsetsSql(this.#table));
    } catch (error) {
      if (!errorNumbers(error).includes(EXISTS)) throw error;
    }
    this.#exists = true;
  }
}

/** Statements for the begin of a transaction. */
export interface Advance {
  readonly sql: string;
  readonly parameters: Parameters;
  /** To be called when the transaction is done. */
  done(): void;
}

const partitionOf = ({ originalTopic, originalPartition }: SinkRecord): TopicPartition => ({
  topic: originalTopic,
  partition: originalPartition,
});
const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`;

function claimOf(row: Readonly<Record<string, unknown>>): Claim {
  // bigint comes as text.
  return { epoch: Number(row['epoch']), offset: Number(row['offset']) };
}

/** Names are compared byte by byte: connectors and topics may differ in the case of a letter. */
const COLLATION = 'Latin1_General_BIN2';

export function createOffsetsSql(table: string): string {
  return `IF OBJECT_ID(${literal(table)}) IS NULL
CREATE TABLE ${table} (
  [connector] nvarchar(256) COLLATE ${COLLATION} NOT NULL,
  [topic] varchar(249) COLLATE ${COLLATION} NOT NULL,
  [partition] int NOT NULL,
  [epoch] bigint NOT NULL,
  [offset] bigint NOT NULL,
  PRIMARY KEY ([connector], [topic], [partition])
)`;
}

export function claimSql(table: string): string {
  return `MERGE INTO ${table} WITH (HOLDLOCK) AS target
USING (SELECT @connector COLLATE ${COLLATION} AS [connector], CAST(@topic AS varchar(249)) COLLATE ${COLLATION} AS [topic], CAST(@partition AS int) AS [partition]) AS incoming
ON (target.[connector] = incoming.[connector] AND target.[topic] = incoming.[topic] AND target.[partition] = incoming.[partition])
WHEN MATCHED THEN UPDATE SET [epoch] = target.[epoch] + 1
WHEN NOT MATCHED BY TARGET THEN
  INSERT ([connector], [topic], [partition], [epoch], [offset])
  VALUES (incoming.[connector], incoming.[topic], incoming.[partition], 1, ${NOT_YET})
OUTPUT inserted.[epoch] AS [epoch], inserted.[offset] AS [offset];`;
}

function readSql(table: string): string {
  return `SELECT [epoch], [offset] FROM ${table}
WHERE [connector] = @connector AND [topic] = CAST(@topic AS varchar(249)) AND [partition] = CAST(@partition AS int)`;
}

export function advanceSql(table: string, i: number): string {
  return `UPDATE ${table} SET [offset] = @to${i}
WHERE [connector] = @connector AND [topic] = CAST(@topic${i} AS varchar(249)) AND [partition] = CAST(@partition${i} AS int) AND [epoch] = @epoch${i} AND [offset] = @from${i};
IF @@ROWCOUNT <> 1
BEGIN;
THROW ${OFFSETS_MOVED}, N'The offsets are not where this task left them', 1;
END;
`;
}
