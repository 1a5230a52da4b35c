export { connectBroker } from './client.ts';
export { serveBroker } from './server.ts';
