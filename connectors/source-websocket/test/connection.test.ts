import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { configErrors } from '@tributary/api/testing';
import { selfSigned } from '@tributary/services';
import {
  alpaca,
  binance,
  coinbase,
  FeedServer,
  finnhub,
  kraken,
  type Protocol,
} from '@tributary/source-simulator/serve';
import webSocketSource, { MALFORMED_HEADER } from '@tributary/source-websocket';
import t from 'tap';
import { gapsOf, logged, numbers, serve, start, subscribed, ticksOf, upTo } from './support/pulled.ts';
import { until } from './support/until.ts';

const binanceAt = (url: string, more: Record<string, string> = {}): Record<string, string> => ({
  preset: 'binance',
  symbols: 'BTCUSDT',
  'websocket.url': url,
  ...more,
});

t.test('a handshake that is answered with 429 is tried again', async (t) => {
  const server = await serve(t, binance);
  server.refusals.push(429, 429);
  const run = await start(t, binanceAt(server.url));
  await subscribed(server);
  t.ok(logged(run.run.log, /did not come about: the server answered the handshake with 429/));
  t.equal(run.metrics['disconnects-total'], 2);
  await until('it is told', () => run.metrics['connects-total'] === 1);
});

t.test('a half-open connection is given up when a ping has no answer', async (t) => {
  const server = await serve(t, binance);
  const run = await start(t, binanceAt(server.url, { 'ping.interval.ms': '50', 'ping.timeout.ms': '500' }));
  await subscribed(server);
  server.trade('BTCUSDT', 1);
  await run.until((records) => records.length >= 1);
  server.kill();
  await subscribed(server);
  server.trade('BTCUSDT', 1);
  await run.until((records) => records.length >= 2);
  t.strictSame(numbers(run.records), [1, 2]);
  t.ok(logged(run.run.log, /no answer to a ping/));
});

t.test('a connection over which nothing comes is given up, and the next is borne for longer', async (t) => {
  const server = await serve(t, binance);
  const run = await start(t, binanceAt(server.url, { 'silence.timeout.ms': '40' }));
  await until('there were three connections', () => server.handshakes.length >= 3);
  t.ok(logged(run.run.log, /no message for 40 ms/));
  t.ok(logged(run.run.log, /no message for 80 ms/));
});

t.test('a planned replacement loses nothing and repeats nothing', async (t) => {
  const server = await serve(t, binance);
  const run = await start(t, binanceAt(server.url, { 'reconnect.planned.ms': '100', 'reconnect.overlap.ms': '60' }));
  await subscribed(server);
  let most = 0;
  while (server.handshakes.length < 5) {
    server.trade('BTCUSDT', 1);
    most = Math.max(most, server.clients.size);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const count = server.trades.get('BTCUSDT')!.length;
  await run.until((records) => records.length >= count);
  t.strictSame(numbers(run.records), upTo(count));
  t.strictSame(gapsOf(run.records), []);
  t.ok(most >= 2, 'for a while there are two connections');
  t.ok(Number(run.metrics['duplicates-total']) > 0, 'over which the same came twice');
  t.equal(run.metrics['disconnects-total'], 0);
});

t.test('what is sent for a wrong key fails the task, with what the server said', async (t) => {
  const server = await serve(t, alpaca);
  const run = await start(t, {
    preset: 'alpaca',
    symbols: 'AAPL',
    'api.key': 'wrong',
    'api.secret': 'wrong',
    'websocket.url': server.url,
  });
  await t.rejects(
    run.until(() => false),
    /The connection to ws:.* was given up: the server said: code 402: auth failed/,
  );
  t.equal(server.handshakes.length, 3);
  t.notOk(logged(run.run.log, /wrong/), 'the key is not in the log');
});

t.test('one symbol that the feed refuses does not stop the others', async (t) => {
  const picky: Protocol = {
    ...kraken,
    answer(client, message) {
      const { symbol } = message.params as { symbol: string[] };
      client.send({
        method: 'subscribe',
        success: false,
        error: 'Currency pair not supported FOO/BAR',
        symbol: 'FOO/BAR',
      });
      kraken.answer(client, { ...message, params: { symbol: symbol.filter((one) => one !== 'FOO/BAR') } });
    },
  };
  const server = await serve(t, picky);
  const run = await start(t, { preset: 'kraken', symbols: 'FOO/BAR,BTC/USD', 'websocket.url': server.url });
  await subscribed(server);
  server.trade('BTC/USD', 1);
  await run.until((records) => records.length >= 1);
  t.equal(run.metrics['rejected-subscriptions-total'], 1);
  t.ok(logged(run.run.log, /refused a subscription: Currency pair not supported FOO\/BAR/));
});

t.test('a message that cannot be read is counted, logged and kept', async (t) => {
  const server = await serve(t, binance);
  const run = await start(t, binanceAt(server.url, { 'malformed.topic': 'malformed' }));
  await subscribed(server);
  for (const frame of ['{"e":', '{"e":"trade","s":"BTCUSDT","t":"x"}']) server.broadcast(frame);
  server.trade('BTCUSDT', 1);
  await run.until((records) => records.length >= 3);
  const kept = run.records.filter((record) => record.topic === 'malformed');
  t.strictSame(
    kept.map((record) => (record.value as Buffer).toString()),
    ['{"e":', '{"e":"trade","s":"BTCUSDT","t":"x"}'],
  );
  t.equal(kept[0]!.headers[0]!.key, MALFORMED_HEADER);
  t.equal(run.metrics['malformed-messages-total'], 2);
  t.strictSame(numbers(run.records), [1]);
});

t.test('with malformed.policy=fail it fails the task', async (t) => {
  const server = await serve(t, binance);
  const run = await start(t, binanceAt(server.url, { 'malformed.policy': 'fail' }));
  await subscribed(server);
  server.broadcast('nonsense');
  await t.rejects(
    run.until(() => false),
    /A message of binance could not be read: .*malformed.policy=skip/,
  );
});

t.test('a message that is too large ends the connection, which is made again', async (t) => {
  const server = await serve(t, binance);
  const run = await start(t, binanceAt(server.url, { 'websocket.frame.max.bytes': '1000' }));
  await subscribed(server);
  server.broadcast(`{"pad":"${'x'.repeat(2000)}"}`);
  await until('there was a second connection', () => server.handshakes.length >= 2);
  await subscribed(server);
  t.ok(logged(run.run.log, /Max payload size exceeded/));
});

t.test('headers, subprotocols and compression are offered in the handshake', async (t) => {
  const server = await serve(t, finnhub);
  await start(t, {
    preset: 'finnhub',
    symbols: 'AAPL',
    'api.key': 'the key',
    'websocket.url': `${server.url}?token=\${api.key}`,
    'websocket.headers': 'X-Client: tributary, Authorization: Bearer ${api.key}',
    'websocket.subprotocols': 'v2.feed',
    'websocket.compression': 'true',
  });
  await until('there was a handshake', () => server.handshakes.length > 0);
  const { headers, url } = server.handshakes[0]!;
  t.match(headers, {
    'x-client': 'tributary',
    authorization: 'Bearer the key',
    'sec-websocket-protocol': 'v2.feed',
    'sec-websocket-extensions': /permessage-deflate/,
  });
  t.equal(url, '/ws?token=the%20key');
});

t.test('connections go through an HTTP proxy, the REST API included', async (t) => {
  const server = await serve(t, coinbase);
  const asked: string[] = [];
  const note = ({ url, headers }: IncomingMessage): void => {
    asked.push(`${url} ${headers['proxy-authorization']}`);
  };
  // As proxies do: tunnels for what is encrypted or no HTTP, and requests by their whole URL for plain HTTP.
  const proxy = createServer(async (request, response) => {
    note(request);
    const { pathname, search } = new URL(request.url!);
    response.end(await (await fetch(`${server.restUrl}${pathname}${search}`)).text());
  });
  proxy.on('connect', (request, socket, head) => {
    note(request);
    const onward = connect(server.port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const run = await start(t, {
    preset: 'coinbase',
    symbols: 'BTC-USD',
    'websocket.url': 'ws://feed.invalid/ws',
    'recovery.url': 'http://rest.invalid/',
    'proxy.url': `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    'proxy.user': 'me',
    'proxy.password': 'secret',
  });
  await subscribed(server);
  server.trade('BTC-USD', 1);
  await run.until((records) => records.length >= 1);
  server.make('BTC-USD', 2);
  server.trade('BTC-USD', 1);
  await run.until((records) => ticksOf(records).length >= 4);
  t.strictSame(numbers(run.records), [1, 2, 3, 4]);
  const authorization = `Basic ${Buffer.from('me:secret').toString('base64')}`;
  t.equal(asked[0], `feed.invalid:80 ${authorization}`);
  t.match(asked[1], /^http:\/\/rest\.invalid\/products\/BTC-USD\/trades\?/);
  t.ok(asked.every((one) => one.endsWith(authorization)));
});

t.test('a proxy that wants a password is told from the server', async (t) => {
  const proxy = createServer();
  proxy.on('connect', (_request, socket) => socket.end('HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n'));
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.teardown(() => proxy.close());
  const { port } = proxy.address() as AddressInfo;
  const run = await start(t, binanceAt('ws://127.0.0.1:1/ws', { 'proxy.url': `http://127.0.0.1:${port}` }));
  await t.rejects(
    run.until(() => false),
    /given up: the proxy \(proxy\.user, proxy\.password\) answered the handshake with 407/,
  );
});

t.test('it says goodbye when it stops', async (t) => {
  const server = await serve(t, coinbase);
  const run = await start(t, { preset: 'coinbase', symbols: 'BTC-USD', 'websocket.url': server.url });
  await subscribed(server);
  await run.stop();
  await until('it is gone', () => server.clients.size === 0);
  t.match(server.received.at(-1), { type: 'unsubscribe', product_ids: ['BTC-USD'] });
});

t.test('whether a server is there is only asked when told to', async (t) => {
  const props = { topic: 'ticks', ...binanceAt('ws://127.0.0.1:1/ws') };
  t.strictSame(await configErrors(webSocketSource, props), {});
  t.match(await configErrors(webSocketSource, { ...props, 'validate.reachable': 'true' }), {
    'websocket.url': [/127\.0\.0\.1:1 cannot be reached: .*ECONNREFUSED/],
  });
});

t.test('compressed messages are read like others', async (t) => {
  const server = await serve(t, binance);
  const run = await start(t, binanceAt(server.url, { 'websocket.compression': 'true' }));
  await subscribed(server);
  server.trade('BTCUSDT', 200);
  await run.until((records) => records.length >= 200);
  t.match([...server.clients][0]!.ws.extensions, /permessage-deflate/);
  t.strictSame(numbers(run.records), upTo(200));
});

t.test('TLS: a server is believed if its certificate is', async (t) => {
  const { key, certificate } = selfSigned('a feed');
  const server = await new FeedServer(binance, { key, cert: certificate }).listen();
  t.teardown(() => server.close());
  const wary = await start(t, binanceAt(server.url));
  await until('it was refused', () => logged(wary.run.log, /self-signed certificate.*: set ssl\.truststore\.location/));
  const run = await start(
    t,
    binanceAt(server.url, { 'ssl.truststore.certificates': certificate, 'recovery.url': server.restUrl }),
  );
  await subscribed(server);
  server.trade('BTCUSDT', 1);
  await run.until((records) => records.length >= 1);
  server.make('BTCUSDT', 2);
  server.trade('BTCUSDT', 1);
  await run.until((records) => ticksOf(records).length >= 4);
  t.strictSame(numbers(run.records), [1, 2, 3, 4], 'the REST API is asked over TLS as well');
});
