import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';

export interface Question {
  readonly url: URL;
  readonly method: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A server whose answers a test makes. @returns its URL */
export async function startServer(
  t: Test,
  answer: (question: Question, response: ServerResponse) => unknown,
): Promise<string> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = '', headers } = request;
    answer({ url: new URL(request.url!, base), method, headers, body: Buffer.concat(chunks).toString() }, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return base;
}

export const json = (response: ServerResponse, status: number, body: unknown): unknown =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

/** Milliseconds, and the price of all four. */
export type ShownRow = readonly [time: number, price: number | null, volume?: number];

export interface Shown {
  readonly rows: readonly ShownRow[];
  readonly zone?: string;
  readonly marketTime: number;
  /** The hours of trading of today. */
  readonly hours: readonly [start: number, end: number];
  readonly more?: object;
  readonly events?: object;
}

/** A chart in the shape of Yahoo's. */
export function chartAnswer({ rows, zone = 'America/New_York', marketTime, hours, more = {}, events }: Shown): object {
  const span = { timezone: 'X', start: hours[0] / 1000, end: hours[1] / 1000, gmtoffset: 0 };
  const prices = rows.map(([, price]) => price);
  return {
    chart: {
      result: [
        {
          meta: {
            currency: 'USD',
            exchangeName: 'NMS',
            instrumentType: 'EQUITY',
            exchangeTimezoneName: zone,
            regularMarketTime: marketTime / 1000,
            currentTradingPeriod: {
              pre: { ...span, end: span.start },
              regular: span,
              post: { ...span, start: span.end },
            },
            ...more,
          },
          ...(rows.length > 0 && { timestamp: rows.map(([time]) => time / 1000) }),
          ...(events && { events }),
          indicators: {
            quote: [
              rows.length === 0
                ? {}
                : {
                    open: prices,
                    high: prices,
                    low: prices,
                    close: prices,
                    volume: rows.map(([, , volume]) => volume ?? 1),
                  },
            ],
          },
        },
      ],
      error: null,
    },
  };
}
