import type { Preset } from '../feed.ts';
import { alpaca } from './alpaca.ts';
import { binance } from './binance.ts';
import { bybit } from './bybit.ts';
import { coinbase } from './coinbase.ts';
import { finnhub } from './finnhub.ts';
import { kraken } from './kraken.ts';
import { okx } from './okx.ts';
import { polygon } from './polygon.ts';
import { yahoo } from './yahoo.ts';

/** The presets that come with the connector, by name. */
export const PRESETS: ReadonlyMap<string, Preset> = new Map(
  [binance, coinbase, kraken, bybit, okx, finnhub, alpaca, polygon, yahoo].map((preset) => [preset.name, preset]),
);
