export { httpSource as default } from './connector.ts';
