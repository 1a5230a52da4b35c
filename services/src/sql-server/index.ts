export type { PendingFault, SqlServerFault } from './faults.ts';
export type { RecordedStatement, ShownValue } from './record.ts';
export { type ShownTable, type SqlServerHandle, type SqlServerOptions, sqlServer } from './server.ts';
