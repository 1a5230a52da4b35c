import { influxSink } from './connector.ts';

export { influxSink } from './connector.ts';
export default influxSink;
