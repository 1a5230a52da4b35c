export * from './bar.ts';
export * from './tick.ts';
