import { connect as connectTcp } from 'node:net';
import { messageOf, type ReportError } from '@tributary/api';
import { tlsOptions } from '@tributary/api/tls';
import type { WebSocketConfig } from './config.ts';
import type { Feed, Preset } from './feed.ts';
import { isOfOneSymbol, openFeed } from './open-feed.ts';

const REACH_MS = 5_000;

/** Checks what the definition of the keys cannot say. */
export async function validate(
  config: WebSocketConfig,
  report: ReportError,
  signal: AbortSignal,
  props: Readonly<Record<string, string>>,
): Promise<void> {
  try {
    tlsOptions(props, '');
  } catch (error) {
    report('ssl.truststore.location', messageOf(error));
  }
  let feed: Feed;
  let preset: Preset | null;
  try {
    ({ feed, preset } = await openFeed(config));
  } catch (error) {
    const key = /for configuration ([\w.]+):/.exec(messageOf(error))?.[1] ?? 'preset';
    return report(key, messageOf(error));
  }
  const urls = checkUrls(config, feed, report);
  if (preset) checkPreset(config, preset, report);
  checkRecords(config, report);
  if (config['proxy.url'] !== null && !isUrl(config['proxy.url'], ['http:', 'https:']))
    report(
      'proxy.url',
      `Invalid value ${config['proxy.url']} for configuration proxy.url: expected a URL such as http://proxy:3128`,
    );
  if (config['recovery.url'] !== null && !isUrl(config['recovery.url'], ['http:', 'https:']))
    report(
      'recovery.url',
      `Invalid value ${config['recovery.url']} for configuration recovery.url: expected a URL with http or https`,
    );
  if (config['validate.reachable']) await Promise.all(urls.map((url) => checkReachable(url, report, signal)));
}

function isUrl(text: string, protocols: readonly string[]): boolean {
  const url = URL.parse(text);
  return url !== null && protocols.includes(url.protocol) && url.hostname !== '';
}

function checkUrls(config: WebSocketConfig, feed: Feed, report: ReportError): readonly string[] {
  const { symbols, 'websocket.url': own } = config;
  if (config.preset === null && own.length === 0) {
    report(
      'websocket.url',
      "There is nothing to connect to: set 'websocket.url', or 'preset' for a feed that is known by name",
    );
    return [];
  }
  if (symbols.length === 0 && (own.some(isOfOneSymbol) || /\$\{symbols?\b/.test(config['subscribe.messages'] ?? ''))) {
    report('symbols', "The templates name symbols, but there are none: set 'symbols'");
    return [];
  }
  const urls = feed.urls(symbols.slice(0, 1));
  if (urls.length === 0)
    report('websocket.url', `The preset ${config.preset} has no URL of its own: set 'websocket.url'`);
  const wrong = urls.filter((url) => !isUrl(url, ['ws:', 'wss:']));
  // A URL may hold the key: what is shown is what the user wrote.
  if (wrong.length > 0)
    report(
      'websocket.url',
      `Invalid value ${own.join(',')} for configuration websocket.url: expected URLs such as wss://feed.example.com/ws`,
    );
  return wrong.length > 0 ? [] : urls;
}

function checkPreset(config: WebSocketConfig, preset: Preset, report: ReportError): void {
  if (config.symbols.length === 0) report('symbols', `The preset ${preset.name} needs symbols: name some in 'symbols'`);
  for (const symbol of config.symbols) {
    const problem = preset.checkSymbol(symbol);
    if (problem) report('symbols', `Invalid symbol ${symbol} in configuration symbols: ${problem}`);
  }
  for (const key of preset.needs) if (config[key] === null) report(key, `The preset ${preset.name} needs '${key}'`);
  const ignored = ['subscribe.messages', 'subscribe.ack', 'records.key', 'records.id', 'records.sequence'] as const;
  for (const key of ignored)
    if (config[key] !== null)
      report(key, `'${key}' describes a feed without a preset, but there is one: ${preset.name}`);
}

function checkRecords(config: WebSocketConfig, report: ReportError): void {
  if (config.preset === null && config['records.format'] !== 'json' && config['records.path'] !== '')
    report(
      'records.path',
      `With records.format=${config['records.format']} the message is the record: leave 'records.path' out`,
    );
}

/** Whether something listens there. What it speaks is not asked, so that no connection is counted against the user. */
function checkReachable(url: string, report: ReportError, signal: AbortSignal): Promise<void> {
  const { hostname, port, protocol } = new URL(url);
  const place = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || (protocol === 'wss:' ? 443 : 80)) };
  return new Promise((resolve) => {
    const socket = connectTcp({ ...place, signal: AbortSignal.any([signal, AbortSignal.timeout(REACH_MS)]) });
    socket.on('connect', () => {
      socket.destroy();
      resolve();
    });
    socket.on('error', (error) => {
      const why = error.name === 'AbortError' ? `no connection within ${REACH_MS} ms` : messageOf(error);
      report('websocket.url', `${place.host}:${place.port} cannot be reached: ${why}`);
      resolve();
    });
  });
}
