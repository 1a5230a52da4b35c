import type { Agent } from 'node:http';
import { HttpsProxyAgent } from 'https-proxy-agent';
import type { WebSocketConfig } from './config.ts';

/** What takes connections through the proxy; null without one. */
export function proxyAgent(config: WebSocketConfig): Agent | null {
  const { 'proxy.url': url, 'proxy.user': user, 'proxy.password': password } = config;
  if (url === null) return null;
  const full = new URL(url);
  if (user !== null) {
    full.username = encodeURIComponent(user);
    full.password = encodeURIComponent(password?.reveal() ?? '');
  }
  return new HttpsProxyAgent(full);
}
