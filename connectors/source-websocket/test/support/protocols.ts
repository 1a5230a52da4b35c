/** What the servers of the feeds say, after their public documentation. */

/** A trade of the made-up market. */
export interface Trade {
  readonly symbol: string;
  /** From 1 for each symbol. */
  readonly sequence: number;
  readonly price: string;
  readonly size: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** One client, as a protocol sees it. */
export interface Client {
  readonly symbols: Set<string>;
  authenticated: boolean;
  send(message: unknown): void;
}

export interface Protocol {
  /** What a client is told when it has connected. */
  greet?(client: Client): void;
  /** Answers a message of a client. */
  answer(client: Client, message: Record<string, unknown>): void;
  /** The frames of trades that happened together. */
  frames(trades: readonly Trade[]): readonly unknown[];
  /** What is sent of a symbol when nothing happens. */
  heartbeat(symbol: string, last: Trade | undefined): unknown;
  /** Answers a request to the REST API. */
  rest?(path: string, query: URLSearchParams, trades: (symbol: string) => readonly Trade[]): unknown;
}

export const iso = (time: number): string => new Date(time).toISOString().replace('Z', '123Z');

const strings = (value: unknown): readonly string[] => value as readonly string[];

export const binance: Protocol = {
  answer(client, message) {
    if (message.method === 'SUBSCRIBE')
      for (const stream of strings(message.params)) client.symbols.add(stream.split('@')[0]!.toUpperCase());
    client.send({ result: null, id: message.id });
  },
  frames: (trades) =>
    trades.map(({ symbol, sequence, price, size, time }) => ({
      e: 'trade',
      E: time,
      s: symbol,
      t: sequence,
      p: price,
      q: size,
      T: time,
      m: true,
      M: true,
    })),
  heartbeat: () => ({ result: null, id: 0 }),
  rest(path, query, trades) {
    if (path !== '/api/v3/historicalTrades') return undefined;
    const from = Number(query.get('fromId'));
    return trades(query.get('symbol')!)
      .filter(({ sequence }) => sequence >= from)
      .slice(0, Number(query.get('limit')))
      .map(({ sequence, price, size, time }) => ({
        id: sequence,
        price,
        qty: size,
        quoteQty: '1',
        time,
        isBuyerMaker: true,
      }));
  },
};

export const coinbase: Protocol = {
  answer(client, message) {
    if (message.type !== 'subscribe') return;
    for (const product of strings(message.product_ids)) client.symbols.add(product);
    client.send({ type: 'subscriptions', channels: [{ name: 'matches', product_ids: message.product_ids }] });
  },
  frames: (trades) =>
    trades.map(({ symbol, sequence, price, size, time }) => ({
      type: 'match',
      trade_id: sequence,
      sequence: sequence * 7,
      maker_order_id: 'ac928c66-ca53-498f-9c13-a110027a60e8',
      taker_order_id: '132fb6ae-456b-4654-b4e0-d681ac05cea1',
      time: iso(time),
      product_id: symbol,
      size,
      price,
      side: 'sell',
    })),
  heartbeat: (symbol, last) => ({
    type: 'heartbeat',
    sequence: 90,
    last_trade_id: last?.sequence ?? 0,
    product_id: symbol,
    time: iso(last?.time ?? 0),
  }),
  rest(path, query, trades) {
    const symbol = /^\/products\/([^/]+)\/trades$/.exec(path)?.[1];
    if (!symbol) return undefined;
    return trades(decodeURIComponent(symbol))
      .filter(({ sequence }) => sequence < Number(query.get('after')))
      .slice(-Number(query.get('limit')))
      .map(({ sequence, price, size, time }) => ({ trade_id: sequence, side: 'buy', size, price, time: iso(time) }))
      .reverse();
  },
};

/** Its numbers are JSON numbers: what is written here is text that `text` puts into the JSON as it is. */
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

export const finnhub: Protocol = {
  answer(client, message) {
    if (message.type === 'subscribe') client.symbols.add(message.symbol as string);
  },
  frames: (trades) => [
    {
      type: 'trade',
      data: trades.map(({ symbol, price, size, time }) => ({
        s: symbol,
        p: Number(price),
        v: Number(size),
        t: time,
        c: ['1'],
      })),
    },
  ],
  heartbeat: () => ({ type: 'ping' }),
};

export const alpaca: Protocol = {
  greet: (client) => client.send([{ T: 'success', msg: 'connected' }]),
  answer(client, message) {
    if (message.action === 'auth') {
      client.authenticated = message.key === 'the-key' && message.secret === 'the-secret';
      client.send([
        client.authenticated ? { T: 'success', msg: 'authenticated' } : { T: 'error', code: 402, msg: 'auth failed' },
      ]);
    } else if (message.action === 'subscribe' && client.authenticated) {
      for (const symbol of strings(message.trades)) client.symbols.add(symbol);
      client.send([{ T: 'subscription', trades: [...client.symbols], quotes: [], bars: [] }]);
    }
  },
  frames: (trades) => [
    trades.map(({ symbol, sequence, price, size, time }) => ({
      T: 't',
      i: sequence,
      S: symbol,
      x: 'V',
      p: Number(price),
      s: Number(size),
      t: iso(time),
      c: ['@'],
      z: 'C',
    })),
  ],
  heartbeat: () => [],
};

export const polygon: Protocol = {
  greet: (client) => client.send([{ ev: 'status', status: 'connected', message: 'Connected Successfully' }]),
  answer(client, message) {
    if (message.action === 'auth') {
      client.authenticated = message.params === 'the-key';
      client.send([
        client.authenticated
          ? { ev: 'status', status: 'auth_success', message: 'authenticated' }
          : { ev: 'status', status: 'auth_failed', message: 'authentication failed' },
      ]);
    } else if (message.action === 'subscribe' && client.authenticated) {
      const channels = (message.params as string).split(',');
      for (const one of channels) client.symbols.add(one.slice(2));
      client.send(channels.map((one) => ({ ev: 'status', status: 'success', message: `subscribed to: ${one}` })));
    }
  },
  frames: (trades) => [
    trades.map(({ symbol, sequence, price, size, time }) => ({
      ev: 'T',
      sym: symbol,
      x: 4,
      i: String(sequence),
      z: 3,
      p: Number(price),
      s: Number(size),
      c: [0, 12],
      t: time,
      q: sequence * 3,
    })),
  ],
  heartbeat: () => [],
};
