import { fileSink } from './connector.ts';

export { fileSink } from './connector.ts';
export default fileSink;
