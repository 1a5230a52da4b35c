import type { Preset } from '../feed.ts';
import { alpaca } from './alpaca.ts';
import { binance } from './binance.ts';
import { coinbase } from './coinbase.ts';
import { finnhub } from './finnhub.ts';
import { kraken } from './kraken.ts';
import { polygon } from './polygon.ts';
import { yahoo } from './yahoo.ts';

/** The presets that come with the connector, by name. */
export const PRESETS: ReadonlyMap<string, Preset> = new Map(
  [binance, coinbase, kraken, finnhub, alpaca, polygon, yahoo].map((preset) => [preset.name, preset]),
);
