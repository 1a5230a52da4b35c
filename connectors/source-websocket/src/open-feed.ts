import { ConfigError } from '@tributary/api';
import type { WebSocketConfig } from './config.ts';
import { linesOf } from './config-lines.ts';
import { defineFeed } from './defined-feed.ts';
import { completeFeed, type Feed, type Preset } from './feed.ts';
import { findPreset } from './preset-file.ts';
import { compileTemplate } from './template.ts';

/** A config's feed, and whether it is to be looked for missing records. */
export interface OpenFeed {
  readonly feed: Feed;
  readonly preset: Preset | null;
  /** In place of the recovery's own URL. */
  readonly recoveryUrl: string | null;
}

/** @throws ConfigError for presets that are none, and keys that do not fit together */
export async function openFeed(config: WebSocketConfig): Promise<OpenFeed> {
  const preset = config.preset === null ? null : await findPreset(config.preset);
  const secrets = { key: config['api.key']?.reveal() ?? '', secret: config['api.secret']?.reveal() ?? '' };
  const feed = preset
    ? withKeys(config, completeFeed(preset.open({ channel: channelOf(config, preset), ...secrets })), secrets)
    : described(config, secrets);
  return { feed, preset, recoveryUrl: config['recovery.url']?.replace(/\/$/, '') ?? null };
}

function channelOf({ channel }: WebSocketConfig, { name, channels }: Preset): string {
  const chosen = channel ?? channels[0]!;
  if (!channels.includes(chosen))
    throw new ConfigError(
      `Invalid value ${chosen} for configuration channel: the preset ${name} has ${channels.join(', ')}`,
    );
  return chosen;
}

type Secrets = { readonly key: string; readonly secret: string };

/** What a config may say in place of a preset. */
function withKeys(config: WebSocketConfig, feed: Feed, secrets: Secrets): Feed {
  const { 'websocket.url': urls, 'recovery.enabled': enabled, 'recovery.url': recoveryUrl } = config;
  const own = urls.map(compileTemplate);
  const headers = headersOf(config).map(([name, value]) => [name, compileTemplate(value)] as const);
  // A server of one's own is not asked about by way of the exchange's.
  const mayRecover = enabled && (urls.length === 0 || recoveryUrl !== null);
  return {
    ...feed,
    ...(own.length > 0 && { urls: (symbols) => own.flatMap((url) => url({ ...secrets, symbols })) }),
    headers: () => ({
      ...feed.headers(),
      ...Object.fromEntries(headers.map(([name, value]) => [name, value({ ...secrets, symbols: [] })[0]!])),
    }),
    subprotocols: () =>
      config['websocket.subprotocols'].length > 0 ? config['websocket.subprotocols'] : feed.subprotocols(),
    recovery: mayRecover ? feed.recovery : null,
    symbolsPerConnection: config['symbols.per.connection'] ?? feed.symbolsPerConnection,
  };
}

const headersOf = (config: WebSocketConfig): ReadonlyArray<readonly [string, string]> =>
  config['websocket.headers'].map((header) => {
    const at = header.indexOf(':');
    return [header.slice(0, at).trim(), header.slice(at + 1).trim()];
  });

function described(config: WebSocketConfig, secrets: Secrets): Feed {
  const urls = config['websocket.url'];
  const heartbeat = linesOf(config['heartbeat.messages']);
  return defineFeed(
    {
      name: 'websocket',
      urls,
      headers: Object.fromEntries(headersOf(config)),
      subprotocols: config['websocket.subprotocols'],
      subscribe: linesOf(config['subscribe.messages']),
      unsubscribe: linesOf(config['unsubscribe.messages']),
      acknowledged: config['subscribe.ack'],
      acknowledgements: config['subscribe.ack.count'],
      refused: config['subscribe.error'],
      ignored: config['messages.ignored'],
      subscribeIntervalMs: config['subscribe.interval.ms'],
      heartbeat,
      symbolsPerConnection:
        config['symbols.per.connection'] ?? (urls.some(isOfOneSymbol) ? 1 : Number.POSITIVE_INFINITY),
      oneConnection: false,
      contiguous: config['records.sequence'] !== null,
      timing: heartbeat.length > 0 ? { heartbeatMs: 30_000 } : {},
      records: {
        path: config['records.path'],
        format: config['records.format'],
        key: config['records.key'],
        timestamp: config['records.timestamp'],
        timestampUnit: config['records.timestamp.unit'],
        id: config['records.id'],
        sequence: config['records.sequence'],
        filter: config['records.filter'],
        decimalsAsText: config['records.decimals'] === 'text',
        tick: null,
      },
    },
    secrets,
  );
}

/** Whether a URL names one symbol, so that each needs a connection of its own. */
export const isOfOneSymbol = (url: string): boolean => /\$\{symbol(\||\})/.test(url);
