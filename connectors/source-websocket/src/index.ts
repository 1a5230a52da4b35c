import { webSocketSource } from './connector.ts';

export { webSocketSource } from './connector.ts';
export type { FeedOutput, Hole, Item, Preset, PresetFeed, PresetOptions, Recovery, Stage, Timing } from './feed.ts';
export { type Gap, type GapReason, gapSchema } from './gap.ts';
export { sideOf, TICK_SCHEMAS, type Told, tickItem, tradeItem } from './presets/trade.ts';
export { MALFORMED_HEADER } from './record-maker.ts';
export { isoMicroseconds } from './times.ts';
export default webSocketSource;
