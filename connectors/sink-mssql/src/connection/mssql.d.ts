/** What is used of mssql, which brings no types. */
declare module 'mssql' {
  import type { EventEmitter } from 'node:events';
  import type { Connection, ConnectionAuthentication, ConnectionOptions } from 'tedious';

  interface PoolConfig {
    readonly server: string;
    readonly authentication: ConnectionAuthentication;
    readonly options: ConnectionOptions;
    readonly pool: { readonly min: number; readonly max: number; readonly acquireTimeoutMillis: number };
    /** Called with each connection before it is opened. */
    beforeConnect(connection: Connection): void;
  }

  class ConnectionPool extends EventEmitter {
    constructor(config: PoolConfig);
    connect(): Promise<ConnectionPool>;
    acquire(requester: object): Promise<Connection>;
    release(connection: Connection): this;
    close(): Promise<void>;
  }

  const mssql: { readonly ConnectionPool: typeof ConnectionPool };
  export default mssql;
}
