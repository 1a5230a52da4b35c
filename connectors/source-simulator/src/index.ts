import { marketSimulator } from './connector.ts';

export { ANOMALY_HEADER, type AnomalyKind } from './anomalies.ts';
export { marketSimulator } from './connector.ts';
export default marketSimulator;
