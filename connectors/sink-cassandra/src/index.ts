import { cassandraSink } from './connector.ts';

export { cassandraSink } from './connector.ts';
export default cassandraSink;
