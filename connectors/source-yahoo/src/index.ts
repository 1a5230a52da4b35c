export { type Topics, topicsOf } from './config.ts';
export { yahooSource as default } from './connector.ts';
