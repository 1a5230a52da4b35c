/** `npm run bench -- NAME`: the benchmarks by name. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { CONNECT_HELP, connectBench } from './connect.ts';
import { ISOLATION_HELP, isolationBench } from './isolation/index.ts';
import { SCALE_HELP, scaleBench } from './scale.ts';
import { SINKS_HELP, sinksBench } from './sinks.ts';
import { SOURCES_HELP, sourcesBench } from './sources.ts';
import { START_HELP, startBench } from './start.ts';

interface Bench {
  readonly what: string;
  readonly help: string;
  run(args: readonly string[]): Promise<void>;
}

/** A file of this folder that is a program of its own. */
function script(name: string, what: string, args: string, nodeArgs: readonly string[] = []): Bench {
  return {
    what,
    help: `npm run bench -- ${name} ${args}\n\n${what}`,
    async run(given) {
      const file = join(import.meta.dirname, `${name}.ts`);
      const child = spawn(process.execPath, ['--conditions=tributary-source', ...nodeArgs, file, ...given], {
        stdio: 'inherit',
      });
      const [code] = (await once(child, 'exit')) as [number | null];
      process.exitCode = code ?? 1;
    },
  };
}

const DEFAULT = 'connect';

const BENCHES: Readonly<Record<string, Bench>> = {
  connect: { what: "the worker's throughput, CPU and memory beside Java's", help: CONNECT_HELP, run: connectBench },
  start: { what: "the worker's start beside Java's", help: START_HELP, run: startBench },
  scale: { what: 'workers with 100 connectors and 1,000 tasks', help: SCALE_HELP, run: scaleBench },
  isolation: { what: 'what task.isolation costs and what it keeps away', help: ISOLATION_HELP, run: isolationBench },
  sinks: { what: 'ticks into stores, beside the bare drivers', help: SINKS_HELP, run: sinksBench },
  sources: { what: 'a WebSocket into Kafka, beside ws and kafkajs', help: SOURCES_HELP, run: sourcesBench },
  'broker-kafka': script(
    'broker-kafka',
    'the Kafka adapter beside kafkajs',
    '[records] [batch] [none|gzip|snappy|lz4|zstd]',
  ),
  'broker-embedded': script('broker-embedded', 'the embedded log', '[records] [batch]'),
  convert: script('convert', 'converters and transforms, nanoseconds per record', '[part of a name]'),
  'file-source': script('file-source', 'the file source without a worker', '[lines] [bytes per line]'),
  simulator: script('simulator', 'the market simulator without a worker', '[ticks] [symbols]'),
  'record-model': script('record-model', 'what a timestamp in a record costs as a Date and as a number', '', [
    '--expose-gc',
  ]),
};

const HELP = `npm run bench [-- NAME [options]]

${Object.entries(BENCHES)
  .map(([name, { what }]) => `  ${name.padEnd(16)} ${what}${name === DEFAULT ? ' (the default)' : ''}`)
  .join('\n')}

npm run bench -- NAME --help tells a benchmark's options.`;

async function main(args: readonly string[]): Promise<void> {
  const isHelp = (arg: string | undefined): boolean => arg === '--help' || arg === '-h';
  const [first] = args;
  if (isHelp(first)) return console.log(HELP);
  const named = first !== undefined && !first.startsWith('-');
  const name = named ? first : DEFAULT;
  const rest = named ? args.slice(1) : args;
  const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
  if (!bench) throw new Error(`There is no benchmark '${name}'.\n\n${HELP}`);
  if (rest.some(isHelp)) return console.log(bench.help);
  await bench.run(rest);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
