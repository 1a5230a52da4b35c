/** What the presets make of messages with the shapes of the feeds' documentation. */
import type { Tick } from '@tributary/market';
import t from 'tap';
import { completeFeed, type FeedOutput, type Item, type PresetOptions } from '../src/feed.ts';
import { PRESETS } from '../src/presets/index.ts';

const options: PresetOptions = { channel: '', key: 'the key', secret: 'the-secret' };

function open(name: string, channel?: string) {
  const preset = PRESETS.get(name)!;
  return completeFeed(preset.open({ ...options, channel: channel ?? preset.channels[0]! }));
}

/** Reads a message. @returns the ticks, and the rest as text. @throws what the preset throws, which leaves the items in `items` */
function read(name: string, message: unknown, channel?: string, items: Item[] = []) {
  const said: string[] = [];
  const output: FeedOutput = {
    item: (item) => items.push(item),
    acknowledged: (stage, count) => said.push(`acknowledged ${stage} ${count}`),
    rejected: (text) => said.push(`rejected ${text}`),
    refused: (text, permanent) => said.push(`refused ${permanent} ${text}`),
    exists: (symbol, sequence) => said.push(`exists ${symbol} ${sequence}`),
    leaving: () => said.push('leaving'),
  };
  open(name, channel).read(Buffer.from(typeof message === 'string' ? message : JSON.stringify(message)), false, output);
  return { items, said, ticks: items.map((item) => item.value as Tick) };
}

t.test('binance', async (t) => {
  const trade =
    '{"e":"trade","E":1672515782136,"s":"BNBBTC","t":12345,"p":"0.00100000","q":"100.00","T":1672515782136,"m":true,"M":true}';
  const { ticks, items } = read('binance', trade);
  t.match(ticks[0], {
    symbol: 'BNBBTC',
    price: 0.001,
    price_text: '0.00100000',
    size: 100,
    size_text: '100.00',
    sequence: 12345,
    event_time: new Date(1672515782136),
    event_time_us: 1672515782136000,
    exchange: 'BINANCE',
    side: 'sell',
    trade_id: '12345',
  });
  t.equal(read('binance', trade.replace('"m":true', '"m":false')).ticks[0]!.side, 'buy', 'the buyer is not the maker');
  t.equal(read('binance', trade.replace('12345', '"12345"')).ticks[0]!.sequence, 12345, 'numbers as text');
  for (const bad of ['"p":""', '"p":null', '"p":"0x10"', '"p":true', '"P":"1"'])
    t.throws(() => read('binance', trade.replace('"p":"0.00100000"', bad)), /price/, bad);
  t.equal(items[0]!.sequence, 12345);
  t.equal(read('binance', `{"stream":"bnbbtc@trade","data":${trade}}`).ticks[0]!.sequence, 12345, 'combined streams');
  t.equal(
    read('binance', trade.replaceAll('1672515782136', '1672515782136123')).ticks[0]!.event_time_us,
    1672515782136123,
    'times in microseconds',
  );
  const aggregate =
    '{"e":"aggTrade","E":1672515782136,"s":"BNBBTC","a":77,"p":"0.001","q":"100","f":100,"l":105,"T":1672515782136,"m":true,"M":true}';
  t.equal(read('binance', aggregate, 'aggTrade').ticks[0]!.sequence, 77);
  t.strictSame(read('binance', { result: null, id: 1 }).said, ['acknowledged subscribe 1']);
  t.strictSame(read('binance', { code: 2, msg: 'Invalid request: invalid stream' }).said, [
    'rejected code 2: Invalid request: invalid stream',
  ]);
  t.strictSame(read('binance', { e: 'serverShutdown', E: 1 }).said, ['leaving']);
  const symbols = Array.from({ length: 450 }, (_, i) => `S${i}`);
  const [stage] = open('binance').stages(symbols);
  t.equal(stage!.expects, 3, 'streams are asked for in portions');
  t.match(JSON.parse(stage!.send[2]!), { method: 'SUBSCRIBE', id: 3 });
});

t.test('coinbase', async (t) => {
  const match = {
    type: 'match',
    trade_id: 10,
    sequence: 50,
    maker_order_id: 'ac928c66-ca53-498f-9c13-a110027a60e8',
    taker_order_id: '132fb6ae-456b-4654-b4e0-d681ac05cea1',
    time: '2014-11-07T08:19:27.028459Z',
    product_id: 'BTC-USD',
    size: '5.23512',
    price: '400.23',
    side: 'sell',
  };
  const { ticks } = read('coinbase', match);
  t.match(ticks[0], {
    symbol: 'BTC-USD',
    price_text: '400.23',
    size_text: '5.23512',
    sequence: 10,
    event_time_us: 1415348367028459,
    side: 'buy',
    trade_id: '10',
    currency: 'USD',
  });
  t.equal(read('coinbase', { ...match, side: 'buy' }).ticks[0]!.side, 'sell', "the feed tells the maker's side");
  t.equal(read('coinbase', { ...match, type: 'last_match' }).ticks.length, 1);
  const heartbeat = {
    type: 'heartbeat',
    sequence: 90,
    last_trade_id: 20,
    product_id: 'BTC-USD',
    time: '2014-11-07T08:19:28.464459Z',
  };
  t.strictSame(read('coinbase', heartbeat).said, ['exists BTC-USD 20']);
  t.strictSame(read('coinbase', { type: 'subscriptions', channels: [] }).said, ['acknowledged subscribe 1']);
  t.strictSame(
    read('coinbase', { type: 'error', message: 'Failed to subscribe', reason: 'FOO-BAR is not a valid product' }).said,
    ['rejected Failed to subscribe: FOO-BAR is not a valid product'],
  );
});

t.test('kraken', async (t) => {
  const message =
    '{"channel":"trade","type":"update","data":[{"symbol":"MATIC/USD","side":"sell","price":0.5117,"qty":40.00000000,"ord_type":"market","trade_id":4665906,"timestamp":"2023-09-25T07:49:37.708706Z"}]}';
  const { ticks } = read('kraken', message);
  t.match(ticks[0], {
    symbol: 'MATIC/USD',
    price: 0.5117,
    price_text: '0.5117',
    size: 40,
    size_text: '40.00000000',
    sequence: 4665906,
    event_time_us: 1695628177708706,
    side: 'sell',
    trade_id: '4665906',
    currency: 'USD',
  });
  const [head, one] = message.split(/(?<=\[)|(?=\]}$)/) as [string, string];
  const three = `${head}${one},{"symbol":"MATIC/USD"},${one.replace('4665906', '4665907')}]}`;
  const beside: Item[] = [];
  t.throws(() => read('kraken', three, undefined, beside), /without price/);
  t.strictSame(
    beside.map((item) => item.sequence),
    [4665906, 4665907],
    'what stands beside a broken trade is read',
  );
  t.strictSame(read('kraken', { method: 'error', error: 'Malformed request' }).said, ['rejected Malformed request']);
  t.strictSame(read('kraken', { channel: 'heartbeat' }), { items: [], said: [], ticks: [] });
  const answer = {
    method: 'subscribe',
    result: { channel: 'trade', snapshot: true, symbol: 'MATIC/USD' },
    success: true,
    time_in: 'x',
    time_out: 'y',
  };
  t.strictSame(read('kraken', answer).said, ['acknowledged subscribe 1']);
  t.strictSame(
    read('kraken', { error: 'Currency pair not supported X/Y', method: 'subscribe', success: false, symbol: 'X/Y' })
      .said,
    ['rejected Currency pair not supported X/Y'],
  );
  const hole = { symbol: 'BTC/USD', from: 1, to: 9, after: 1688669597000 };
  const recovery = open('kraken').recovery!;
  t.equal(recovery.path(hole), '/0/public/Trades?pair=BTC%2FUSD&count=1000&since=1688669596000000000');
  const rest =
    '{"error":[],"result":{"XXBTZUSD":[["30243.40000","0.34507674",1688669597.8277369,"b","m","",61044952]],"last":"1688671969993150842"}}';
  t.match(recovery.read(rest, hole)[0], {
    sequence: 61044952,
    value: { price_text: '30243.40000', event_time_us: 1688669597827737, side: 'buy' },
  });
  t.equal(recovery.next!(rest, hole), '/0/public/Trades?pair=BTC%2FUSD&count=1000&since=1688671969993150842');
  t.throws(() => recovery.read('{"error":["EGeneral:Too many requests"]}', hole), /Too many requests/);
});

t.test('bybit', async (t) => {
  const message =
    '{"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1672304486868,"data":[{"T":1672304486865,"s":"BTCUSDT","S":"Buy","v":"0.001","p":"16578.50","L":"PlusTick","i":"20f43950-d8dd-5b31-9112-a178eb6023af","BT":false,"seq":1783284617}]}';
  const { ticks, items } = read('bybit', message);
  t.match(ticks[0], {
    symbol: 'BTCUSDT',
    price_text: '16578.50',
    size_text: '0.001',
    side: 'buy',
    trade_id: '20f43950-d8dd-5b31-9112-a178eb6023af',
    event_time_us: 1672304486865000,
    sequence: null,
  });
  t.equal(items[0]!.id, '20f43950-d8dd-5b31-9112-a178eb6023af');
  const answer = { success: true, ret_msg: 'subscribe', conn_id: '2324d924', req_id: '', op: 'subscribe' };
  t.strictSame(read('bybit', answer).said, ['acknowledged subscribe 1']);
  t.strictSame(read('bybit', { ...answer, op: 'ping', ret_msg: 'pong' }).said, []);
  const refusal = { ...answer, success: false, ret_msg: 'error:handler not found,topic:publicTrade.NOPE' };
  t.strictSame(read('bybit', refusal).said, ['rejected error:handler not found,topic:publicTrade.NOPE']);
  t.strictSame(read('bybit', { ...refusal, ret_msg: 'error:already subscribed,topic:publicTrade.BTCUSDT' }).said, [
    'acknowledged subscribe 1',
  ]);
  const symbols = Array.from({ length: 25 }, (_, i) => `S${i}`);
  t.equal(open('bybit').stages(symbols)[0]!.send.length, 3, 'ten topics a message');
  t.equal(open('bybit', 'linear').urls(['A'])[0], 'wss://stream.bybit.com/v5/public/linear');
});

t.test('okx', async (t) => {
  const message =
    '{"arg":{"channel":"trades-all","instId":"BTC-USDT"},"data":[{"instId":"BTC-USDT","tradeId":"130639474","px":"42219.90","sz":"0.12060306","side":"sell","ts":"1630048897897","source":"0"}]}';
  const { ticks, items } = read('okx', message);
  t.match(ticks[0], {
    symbol: 'BTC-USDT',
    price_text: '42219.90',
    size_text: '0.12060306',
    side: 'sell',
    trade_id: '130639474',
    sequence: 130639474,
    currency: 'USDT',
    event_time_us: 1630048897897000,
  });
  t.equal(items[0]!.id, '130639474');
  const arg = { channel: 'trades-all', instId: 'BTC-USDT' };
  t.strictSame(read('okx', { event: 'subscribe', arg, connId: 'a4d3ae55' }).said, ['acknowledged subscribe 1']);
  t.strictSame(read('okx', 'pong').said, []);
  t.strictSame(read('okx', { event: 'error', code: '60018', msg: "instId:X doesn't exist", connId: 'a' }).said, [
    "rejected code 60018: instId:X doesn't exist",
  ]);
  t.strictSame(read('okx', { event: 'error', code: '60014', msg: 'Requests too frequent', connId: 'a' }).said, [
    'refused false code 60014: Requests too frequent',
  ]);
  t.strictSame(read('okx', { event: 'notice', code: '64008', msg: 'The connection will soon be closed' }).said, [
    'leaving',
  ]);
  t.strictSame(open('okx').heartbeat([]), ['ping']);
  t.equal(open('okx').urls([])[0], 'wss://ws.okx.com:8443/ws/v5/business');
  t.equal(open('okx', 'trades').urls([])[0], 'wss://ws.okx.com:8443/ws/v5/public');
});

t.test('finnhub', async (t) => {
  const message =
    '{"data":[{"p":7296.89,"s":"BINANCE:BTCUSDT","t":1575526691134,"v":0.011467},{"p":7296.89,"s":"BINANCE:BTCUSDT","t":1575526691134,"v":0.011467}],"type":"trade"}';
  const { ticks, items } = read('finnhub', message);
  t.match(ticks[0], {
    symbol: 'BINANCE:BTCUSDT',
    price: 7296.89,
    price_text: '7296.89',
    size_text: '0.011467',
    event_time: new Date(1575526691134),
    sequence: null,
  });
  t.equal(items.length, 2, 'equal trades of one message are two');
  t.not(items[0]!.id, items[1]!.id);
  t.equal(read('finnhub', message).items[1]!.id, items[1]!.id, 'a message that comes again has the same ids');
  t.equal((items[0]!.value as Tick).exchange, 'BINANCE');
  t.strictSame(read('finnhub', { type: 'ping' }).items, []);
  t.strictSame(read('finnhub', { type: 'error', msg: 'Subscribing to too many symbols' }).said, [
    'rejected Subscribing to too many symbols',
  ]);
  t.strictSame(read('finnhub', { type: 'error', msg: 'Invalid API key' }).said, ['refused true Invalid API key']);
  t.equal(open('finnhub').urls(['A'])[0], 'wss://ws.finnhub.io?token=the%20key');
});

t.test('alpaca', async (t) => {
  const message =
    '[{"T":"t","i":96921,"S":"AAPL","x":"D","p":126.550,"s":1,"t":"2021-02-22T15:51:44.208123456Z","c":["@","I"],"z":"C"}]';
  const { ticks, items } = read('alpaca', message);
  t.match(ticks[0], {
    symbol: 'AAPL',
    price: 126.55,
    price_text: '126.550',
    size: 1,
    exchange: 'D',
    sequence: 96921,
    trade_id: '96921',
    currency: 'USD',
    event_time_us: 1614009104208123,
  });
  t.equal(items[0]!.sequence, null, 'the ids do not count');
  t.equal(items[0]!.id, '2021-02-22T15:51:44.208123456Z:D:96921', 'they begin anew each day');
  t.strictSame(read('alpaca', [{ T: 'success', msg: 'connected' }]).said, ['acknowledged connect 1']);
  t.strictSame(read('alpaca', [{ T: 'success', msg: 'authenticated' }]).said, ['acknowledged authenticate 1']);
  t.strictSame(read('alpaca', [{ T: 'subscription', trades: ['AAPL'], quotes: [], bars: [] }]).said, [
    'acknowledged subscribe 1',
  ]);
  t.strictSame(read('alpaca', [{ T: 'error', code: 402, msg: 'auth failed' }]).said, [
    'refused true code 402: auth failed',
  ]);
  t.strictSame(read('alpaca', [{ T: 'error', code: 406, msg: 'connection limit exceeded' }]).said, [
    'refused false code 406: connection limit exceeded',
  ]);
  t.strictSame(read('alpaca', [{ T: 'error', code: 405, msg: 'symbol limit exceeded' }]).said, [
    'rejected code 405: symbol limit exceeded',
  ]);
});

t.test('polygon', async (t) => {
  const message =
    '[{"ev":"T","sym":"MSFT","x":4,"i":"12345","z":3,"p":114.125,"s":100,"c":[0,12],"t":1536036818784,"q":3681328}]';
  const { ticks, items } = read('polygon', message);
  t.match(ticks[0], {
    symbol: 'MSFT',
    price_text: '114.125',
    size: 100,
    exchange: '4',
    sequence: 3681328,
    trade_id: '12345',
    currency: 'USD',
    event_time: new Date(1536036818784),
  });
  t.equal(items[0]!.id, '1536036818784:3681328', 'the numbers begin anew each day');
  t.strictSame(read('polygon', [{ ev: 'status', status: 'connected', message: 'Connected Successfully' }]).said, [
    'acknowledged connect 1',
  ]);
  t.strictSame(read('polygon', [{ ev: 'status', status: 'auth_success', message: 'authenticated' }]).said, [
    'acknowledged authenticate 1',
  ]);
  t.strictSame(read('polygon', [{ ev: 'status', status: 'auth_failed', message: 'authentication failed' }]).said, [
    'refused true auth_failed: authentication failed',
  ]);
  t.strictSame(read('polygon', [{ ev: 'status', status: 'error', message: 'not authorized' }]).said, [
    'refused true error: not authorized',
  ]);
  t.strictSame(open('polygon').stages(['A', 'B'])[2]!.send, ['{"action":"subscribe","params":"T.A,T.B"}']);
});

t.test('yahoo', async (t) => {
  const data = 'CgVLUlc9WBWFW6hEGJCgpJ7wYyoDQ0NZMA44AUVwq7G+ZQAVlsC9AYVbqETNAYV7qETYAQg=';
  const { ticks } = read('yahoo', data);
  t.match(ticks[0], {
    symbol: 'KRW=X',
    price: 1346.86,
    bid: 1346.86,
    ask: 1347.86,
    exchange: 'CCY',
    currency: null,
  });
  t.strictSame(read('yahoo', { type: 'pricing', message: data }).ticks, ticks, 'the second version wraps it in JSON');
  t.throws(() => read('yahoo', '!!'), /not base64/);
  t.throws(() => read('yahoo', 'AAAA'));
  t.strictSame(open('yahoo').heartbeat(['AAPL']), ['{"subscribe":["AAPL"]}'], 'subscriptions are repeated');
});

t.test('what lacks a price, a time or a number is not taken for a trade', async (t) => {
  t.throws(() => read('binance', '{"e":"trade","s":"A","t":1,"p":"x","q":"1","T":1672515782136}'), /no number/);
  t.throws(() => read('binance', '{"e":"trade","s":"A","t":1.5,"p":"1","q":"1","T":1672515782136}'), /not whole/);
  t.throws(() => read('binance', '{"e":"trade","s":"A","t":1,"p":"1","q":"1"}'), /without a time/);
  t.throws(
    () => read('coinbase', '{"type":"match","trade_id":1,"price":"1","size":"1","time":"2026-01-01T00:00:00Z"}'),
    /without a symbol/,
  );
});
