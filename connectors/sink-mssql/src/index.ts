import { sqlServerSink } from './connector.ts';

export { sqlServerSink } from './connector.ts';
export default sqlServerSink;
