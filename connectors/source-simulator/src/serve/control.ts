import type { IncomingMessage, ServerResponse } from 'node:http';
import { connectorConfigs } from './configs.ts';
import { AT_ONCE, type AtOnce, type Faults, faultsText, parseFaults } from './faults.ts';
import { sentBy, withheldBy } from './ledger.ts';
import type { LiveFeed } from './live-feed.ts';
import type { Simulator } from './simulator.ts';
import { FEEDS, type FeedName } from './spelling.ts';

/** More than a change of faults ever is. */
const LARGEST = 10_000;
/** So many trades are told at once, at most. */
const MOST = 100_000;

class Refusal extends Error {}

async function bodyOf(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > LARGEST) throw new Refusal('the body is too large');
  }
  try {
    const body: unknown = JSON.parse(text === '' ? '{}' : text);
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new Refusal('the body must be a JSON object, such as {"faults": "gap=0.01"} or {"now": "disconnect"}');
}

function feedOf(simulator: Simulator, name: unknown): LiveFeed {
  const feed = simulator.feeds.get(name as FeedName);
  if (!feed) throw new Refusal(`there is no feed '${String(name)}'; there are ${FEEDS.join(', ')}`);
  return feed;
}

function faultsOf(text: string): Faults {
  try {
    return parseFaults(text);
  } catch (error) {
    throw new Refusal((error as Error).message);
  }
}

async function changeFaults(simulator: Simulator, request: IncomingMessage): Promise<unknown> {
  const body = await bodyOf(request);
  const odd = Object.keys(body).find((key) => !['faults', 'now', 'feed'].includes(key));
  if (odd !== undefined) throw new Refusal(`'${odd}' is not understood; there are faults, now and feed`);
  if (body.faults !== undefined) simulator.faults = faultsOf(String(body.faults));
  if (body.now !== undefined) {
    if (!AT_ONCE.includes(body.now as AtOnce)) throw new Refusal(`now takes one of ${AT_ONCE.join(', ')}`);
    simulator.strike(body.now as AtOnce, body.feed === undefined ? null : feedOf(simulator, body.feed));
  }
  return { faults: faultsText(simulator.faults) };
}

/** The market's trades as a feed tells them, lost ones included. */
function tradesOf(simulator: Simulator, query: URLSearchParams): unknown {
  const feed = feedOf(simulator, query.get('feed'));
  const symbol = query.get('symbol') ?? '';
  if (!feed.history.knows(symbol)) throw new Refusal(`${feed.name} has no symbol '${symbol}'`);
  const [from, to] = [Number(query.get('from') ?? 'x'), Number(query.get('to') ?? 'x')];
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 1)
    throw new Refusal("'from' and 'to' must be numbers of trades, as GET /sent tells them");
  return feed.history.all(symbol, from, Math.min(to, from + MOST - 1));
}

const ledgers = (simulator: Simulator, told: typeof sentBy | typeof withheldBy): unknown =>
  Object.fromEntries(
    [...simulator.feeds].flatMap(([name, { ledger }]) => (ledger.accounts.size > 0 ? [[name, told(ledger)]] : [])),
  );

/** What tells of the simulator and changes it: everything beside the paths of the feeds. @param authority its host and port */
export async function answerControl(
  simulator: Simulator,
  authority: string,
  request: IncomingMessage,
  response: ServerResponse,
  { pathname, searchParams }: URL,
): Promise<void> {
  const { symbols, key, secret } = simulator.options;
  const routes: Readonly<Record<string, () => unknown>> = {
    'GET /configs': () => connectorConfigs(authority, symbols, key, secret),
    'GET /faults': () => ({ faults: faultsText(simulator.faults) }),
    'POST /faults': () => changeFaults(simulator, request),
    'GET /sent': () => ledgers(simulator, sentBy),
    'GET /withheld': () => ledgers(simulator, withheldBy),
    'GET /trades': () => tradesOf(simulator, searchParams),
    'POST /halt': async () => {
      await simulator.halt();
      return {};
    },
  };
  const reply = (status: number, body: unknown): unknown =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
  const route = routes[`${request.method} ${pathname}`];
  if (!route) {
    reply(404, { message: `There is ${Object.keys(routes).join(', ')}, and the feeds: ${FEEDS.join(', ')}` });
    return;
  }
  try {
    reply(200, await route());
  } catch (error) {
    const refused = error instanceof Refusal;
    reply(refused ? 400 : 500, { message: error instanceof Error ? error.message : String(error) });
  }
}
