import type { Logger } from '@tributary/api';
import { Client } from 'cassandra-driver';
import type { Column, Table } from '../cql/table.ts';
import { cqlType, type DriverType, isOpenList } from '../cql/types.ts';
import type { CassandraConfig } from '../settings/table-settings.ts';
import { ControlConnection } from './control-connection.ts';
import { driverOptions } from './driver-options.ts';
import { takeEncodedBatches } from './encoded-batches.ts';

/** What the driver's metadata say of a column. */
interface DriverColumn {
  readonly name: string;
  readonly type: DriverType;
  readonly isStatic?: boolean;
}

/** A connection to the cluster, made when it is needed. */
export class Session {
  readonly client: Client;
  readonly #control: ControlConnection;
  #connected = false;

  constructor(config: CassandraConfig, log: Logger) {
    this.client = new Client(driverOptions(config));
    this.client.on('log', (level: string, _class: string, message: string) => {
      // What a node warns of, such as a batch that is too large; of connections the sink tells itself.
      if (level === 'warning' && message.startsWith('Received warning')) log.warn(message);
      else if (level === 'warning' || level === 'error') log.debug(message);
    });
    this.#control = new ControlConnection(this.client);
    takeEncodedBatches(this.client);
  }

  /** @throws what the driver does; another attempt may follow */
  async connect(): Promise<void> {
    if (this.#connected) return;
    try {
      await this.client.connect();
    } catch (error) {
      this.#control.discard();
      throw error;
    }
    this.#connected = true;
  }

  keyspaces(): readonly string[] {
    return Object.keys(this.client.metadata.keyspaces);
  }

  /** The names of those that the cluster has. */
  dataCenters(): readonly string[] {
    return [...new Set(this.client.hosts.values().map(({ datacenter }) => datacenter))];
  }

  /** The table as it is now; what is missing otherwise. */
  async table(keyspace: string, name: string): Promise<Table | 'no keyspace' | 'no table'> {
    const { metadata } = this.client;
    // Forgets what the driver has kept, of tables and of types.
    await metadata.refreshKeyspace(keyspace);
    if (metadata.keyspaces[keyspace] === undefined) return 'no keyspace';
    const table = await metadata.getTable(keyspace, name);
    if (!table) return 'no table';
    const names = (columns: readonly DriverColumn[]): string[] => columns.map((column) => column.name);
    return {
      keyspace,
      name,
      columns: (table.columns as unknown as readonly DriverColumn[]).map(columnOf),
      partitionKeys: names(table.partitionKeys as unknown as readonly DriverColumn[]),
      clusteringKeys: names(table.clusteringKeys as unknown as readonly DriverColumn[]),
    };
  }

  async run(cql: string): Promise<void> {
    await this.client.execute(cql, [], { prepare: false });
  }

  async close(): Promise<void> {
    await this.client.shutdown();
    await this.#control.close();
  }
}

const columnOf = ({ name, type, isStatic = false }: DriverColumn): Column => ({
  name,
  type: cqlType(type),
  isStatic,
  isOpenList: isOpenList(type),
});
