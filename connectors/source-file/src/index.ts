import { fileSource } from './connector.ts';

export { fileSource } from './connector.ts';
export default fileSource;
