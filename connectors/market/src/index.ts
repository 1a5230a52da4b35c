export * from './bar.ts';
export * from './corporate-action.ts';
export * from './tick.ts';
