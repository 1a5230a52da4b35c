import { parseArgs } from 'node:util';
import { connectorConfigs } from './serve/configs.ts';
import { durationMs, faultsText, parseFaults } from './serve/faults.ts';
import { SimulatorServer } from './serve/server.ts';
import type { ServeOptions } from './serve/simulator.ts';
import { ownName } from './serve/spelling.ts';

const HELP = `Usage: tributary simulate --serve [OPTION...]

Serves a simulated market on one port in the words of Binance, Coinbase, Kraken, Finnhub, Alpaca, Polygon and Yahoo, so that
connectors can be tried without the internet. It prints a connector config for each; Ctrl-C ends it.

  --symbols LIST      stocks such as AAPL, pairs such as BTC-USD (AAPL,MSFT,BTC-USD,ETH-USD); each feed has all, in its own spelling
  --rate N            trades of each symbol in a second (10)
  --seed N            what the market and the faults are derived from (1)
  --port N            (8765; 0: any that is free)
  --host NAME         where it listens (127.0.0.1, for this machine alone)
  --history TIME      how far back Yahoo's bars are made of the same trades (1h); older ones follow the price
  --for TIME          the market closes after so long; the server stays
  --api-key TEXT      the key that Finnhub, Alpaca and Polygon want to see; without it any will do. --api-secret too
  --faults LIST       what goes wrong: disconnect=30s,stall=60s/5s,half-open=120s (mean times of a connection),
                      duplicate=0.01,reorder=0.01,gap=0.001,lost=0.001,malformed=0.001 (of the trades), http429=0.05 (of the requests).
                      A gap is told by the REST API, a lost trade is not. Later: curl URL/faults -d '{"faults": "gap=0.01"}', or
                      '{"now": "disconnect"}' ("stall", "half-open"; with "feed": one feed alone)
  --journal FILE      appends a line of JSON for each trade that was sent, or withheld
  --cut TIME          connections are cut after so long (Binance: 24h)
  --heartbeat TIME    between the heartbeats of Coinbase, Kraken and Finnhub (1s, 1s, 60s)
  --ping TIME         between pings of the server (Binance: 20s), and --ping-timeout TIME until one without answer ends it (60s)

Times are written 500ms, 30s, 5m, 24h. GET /sent and /withheld tell which trades, by number; POST /halt closes the market.`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const complain = (line: string): void => void process.stderr.write(`tributary simulate: ${line}\n`);

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  serve: { type: 'boolean' },
  symbols: { type: 'string', default: 'AAPL,MSFT,BTC-USD,ETH-USD' },
  rate: { type: 'string', default: '10' },
  seed: { type: 'string', default: '1' },
  port: { type: 'string', default: '8765' },
  host: { type: 'string', default: '127.0.0.1' },
  history: { type: 'string', default: '1h' },
  for: { type: 'string' },
  'api-key': { type: 'string' },
  'api-secret': { type: 'string' },
  faults: { type: 'string', default: '' },
  journal: { type: 'string' },
  cut: { type: 'string' },
  heartbeat: { type: 'string' },
  ping: { type: 'string' },
  'ping-timeout': { type: 'string' },
} as const;

const SYMBOL = /^[A-Z0-9.^=]+([-/][A-Z0-9]+)?$/;

/** @throws Error that says what is wrong with the arguments; null: help is wanted */
export function serveOptions(args: readonly string[]): ServeOptions | null {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  if (values.help) return null;
  if (!values.serve) throw new Error("it serves a market, and wants to be told so: 'tributary simulate --serve'");
  const time = (name: string, text: string | undefined): number | null => {
    const parsed = text === undefined ? null : durationMs(text);
    if (text !== undefined && parsed === null)
      throw new Error(`--${name} takes a time such as 500ms, 30s, 5m or 24h, and not '${text}'`);
    return parsed;
  };
  const number = (name: string, text: string, least: number, most: number, whole: boolean): number => {
    const parsed = text.trim() === '' ? Number.NaN : Number(text);
    if (!(parsed >= least && parsed <= most) || (whole && !Number.isInteger(parsed)))
      throw new Error(`--${name} takes a ${whole ? 'whole ' : ''}number from ${least} to ${most}, and not '${text}'`);
    return parsed;
  };
  const written = values.symbols.split(',').map((symbol) => symbol.trim().toUpperCase());
  const odd = written.find((symbol) => !SYMBOL.test(symbol));
  if (odd !== undefined)
    throw new Error(`--symbols takes stocks such as AAPL and pairs such as BTC-USD, and not '${odd}'`);
  return {
    symbols: [...new Set(written.map(ownName))],
    rate: number('rate', values.rate, 0.001, 10_000, false),
    seed: number('seed', values.seed, 0, Number.MAX_SAFE_INTEGER, true),
    host: values.host,
    port: number('port', values.port, 0, 65_535, true),
    faults: parseFaults(values.faults),
    journal: values.journal ?? null,
    historyMs: time('history', values.history)!,
    lifetimeMs: time('cut', values.cut),
    heartbeatMs: time('heartbeat', values.heartbeat),
    pingMs: time('ping', values.ping),
    pongMs: time('ping-timeout', values['ping-timeout']),
    key: values['api-key'] ?? null,
    secret: values['api-secret'] ?? null,
    forMs: time('for', values.for),
  };
}

/** `tributary simulate`. @returns the exit code */
export default async function simulate(args: readonly string[]): Promise<number> {
  let options: ServeOptions | null;
  try {
    options = serveOptions(args);
  } catch (error) {
    complain(`${(error as Error).message}\nTry 'tributary simulate --help'.`);
    return 2;
  }
  if (!options) {
    say(HELP);
    return 0;
  }
  let server: SimulatorServer;
  try {
    server = await SimulatorServer.start(options);
  } catch (error) {
    const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? '; --port names another' : '';
    complain(`${(error as Error).message}${taken}`);
    return 1;
  }
  const url = `http://${server.authority}`;
  say(`A market of ${options.symbols.join(', ')} is served at ${url}, seed ${options.seed}.`);
  const faults = faultsText(options.faults);
  if (faults !== '') say(`Faults: ${faults}`);
  say(`Connectors for it, to be POSTed to a worker's /connectors (as one JSON: ${url}/configs):\n`);
  for (const config of connectorConfigs(server.authority, options.symbols, options.key, options.secret))
    say(JSON.stringify(config));
  say('\nCtrl-C ends it.');
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
  await server.close();
  return 0;
}
