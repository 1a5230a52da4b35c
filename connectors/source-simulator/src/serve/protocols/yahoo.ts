import protobuf from 'protobufjs/minimal.js';
import type { Protocol, Trade } from '../protocol.ts';
import { strings } from './text.ts';

/** Wire types of protobuf. */
const [VARINT, BYTES, FLOAT] = [0, 2, 5];
/** Of Yahoo's kinds of instruments, and hours of the market. */
const [EQUITY, REGULAR_HOURS] = [8, 1];

/** PricingData as Yahoo's pages read it; its fields by number. Prices are 32-bit floats. */
function pricing({ symbol, price, size, time, bid, ask, dayVolume }: Trade): string {
  const writer = protobuf.Writer.create();
  const field = (number: number, wire: number): protobuf.Writer => writer.uint32((number << 3) | wire);
  field(1, BYTES).string(symbol);
  field(2, FLOAT).float(Number(price));
  field(3, VARINT).sint64(time);
  field(4, BYTES).string('USD');
  field(5, BYTES).string('SIM');
  field(6, VARINT).int32(EQUITY);
  field(7, VARINT).int32(REGULAR_HOURS);
  if (dayVolume !== undefined) field(9, VARINT).sint64(dayVolume);
  field(22, VARINT).sint64(Math.round(Number(size)));
  if (bid !== undefined) field(23, FLOAT).float(bid);
  if (ask !== undefined) field(25, FLOAT).float(ask);
  return Buffer.from(writer.finish()).toString('base64');
}

/** Yahoo's streamer: quotes as protobuf in base64, within JSON where the URL says `version=2`. */
export const yahoo: Protocol = {
  answer(client, { subscribe, unsubscribe }) {
    for (const symbol of strings(subscribe)) client.symbols.add(symbol);
    for (const symbol of strings(unsubscribe)) client.symbols.delete(symbol);
  },
  frames: (trades, { url }) =>
    trades.map((trade) => {
      const message = pricing(trade);
      return url.searchParams.get('version') === '2' ? { type: 'pricing', message } : message;
    }),
  heartbeat: () => null,
};
