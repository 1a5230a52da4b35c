/** The command `tributary simulate`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import t from 'tap';
import { plainCommand } from '../../../runtime/test/support/environment.ts';
import { runCommand } from '../../../runtime/test/support/process.ts';
import { connectorConfigs } from '../src/serve/configs.ts';
import { serveOptions } from '../src/simulate.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const BIN = resolve(ROOT, 'runtime/bin/tributary.js');

t.test('it is listed among the commands, and tells what it takes', async (t) => {
  t.match((await runCommand(['--help'], ROOT)).output, /^ {2}simulate +serve a simulated market/m);
  const { code, output } = await runCommand(['simulate', '--help'], ROOT);
  t.equal(code, 0);
  t.match(output, /Usage: tributary simulate --serve/);
});

t.test('wrong arguments are refused with what would be right', async (t) => {
  const { code, output } = await runCommand(['simulate', '--serve', '--port=x'], ROOT);
  t.equal(code, 2);
  t.match(output, /tributary simulate: --port takes a whole number from 0 to 65535, and not 'x'/);
  t.throws(() => serveOptions([]), /wants to be told so: 'tributary simulate --serve'/);
  t.throws(() => serveOptions(['--serve', '--rate=0']), /--rate takes a number from 0.001/);
  t.throws(() => serveOptions(['--serve', '--history', 'long']), /--history takes a time such as 500ms/);
  t.throws(() => serveOptions(['--serve', '--symbols', 'A B']), /--symbols takes stocks such as AAPL and pairs/);
  t.throws(() => serveOptions(['--serve', '--sybmols', 'A']), /Unknown option '--sybmols'/);
  t.match(serveOptions(['--serve', '--symbols', 'aapl,BTC/USD,BTCUSDT']), {
    symbols: ['AAPL', 'BTC-USD'],
    host: '127.0.0.1',
  });
});

t.test('it prints connector configs, serves, and ends with Ctrl-C', async (t) => {
  const args = ['--conditions=tributary-source', BIN, 'simulate', '--serve', '--port=0', '--symbols=AAPL'];
  const child = spawn(...plainCommand(process.execPath, args), { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  while (!output.includes('Ctrl-C')) await once(child.stdout, 'data');
  const configs = output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
  t.match(configs[0], {
    name: 'binance',
    config: { symbols: 'AAPLUSDT', 'websocket.url': /^ws:\/\/127\.0\.0\.1:\d+\/binance\/ws$/ },
  });
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(output)![0];
  t.strictSame(await (await fetch(`${url}/configs`)).json(), configs);

  const taken = await runCommand(['simulate', '--serve', `--port=${new URL(url).port}`], ROOT);
  t.equal(taken.code, 1);
  t.match(taken.output, /EADDRINUSE.*--port names another/);

  child.kill('SIGINT');
  const [code] = await once(child, 'close');
  t.equal(code, 0);
});

t.test('the examples are what it prints', async (t) => {
  const { symbols } = serveOptions(['--serve'])!;
  for (const config of connectorConfigs('127.0.0.1:8765', symbols, null, null)) {
    const file = resolve(ROOT, `examples/simulated/${config.name}.json`);
    t.strictSame(JSON.parse(readFileSync(file, 'utf8')), config);
  }
});
