import type { Protocol } from '../protocol.ts';
import { iso, strings } from './text.ts';

export const kraken: Protocol = {
  greet: (client) =>
    client.send({ channel: 'status', type: 'update', data: [{ system: 'online', api_version: 'v2' }] }),
  answer(client, message) {
    if (message.method !== 'subscribe') return;
    for (const symbol of strings((message.params as { symbol: unknown }).symbol)) {
      client.symbols.add(symbol);
      client.send({
        method: 'subscribe',
        req_id: 1,
        result: { channel: 'trade', symbol, snapshot: true },
        success: true,
      });
    }
  },
  frames: (trades) => [
    `{"channel":"trade","type":"update","data":[${trades
      .map(
        ({ symbol, sequence, price, size, time }) =>
          `{"symbol":"${symbol}","side":"sell","price":${price},"qty":${size},"ord_type":"market","trade_id":${sequence},"timestamp":"${iso(time)}"}`,
      )
      .join(',')}]}`,
  ],
  heartbeat: () => ({ channel: 'heartbeat' }),
  rest(path, query, trades) {
    if (path !== '/0/public/Trades') return undefined;
    const since = Number(query.get('since')) / 1e6;
    const found = trades(query.get('pair')!)
      .filter(({ time }) => time >= since)
      .slice(0, 1000);
    const rows = found.map(
      ({ price, size, time, sequence }) =>
        `["${price}","${size}",${(time / 1000).toFixed(3)}123,"b","l","",${sequence}]`,
    );
    return `{"error":[],"result":{"XXBTZUSD":[${rows.join(',')}],"last":"0"}}`;
  },
};
