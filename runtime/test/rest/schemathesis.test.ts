/** Schemathesis makes requests out of `/openapi.json`, right ones and wrong ones, and holds the answers against it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts, pythonPackage } from '@tributary/services';
import t from 'tap';
import { workerProcess } from '../support/process.ts';
import { tempDir } from '../support/worker.ts';

const tool = await pythonPackage('schemathesis==4.32.5');
/** What its command does; the package cannot be run as a module. */
const MAIN = 'from schemathesis.cli import schemathesis; schemathesis()';

/**
 * All checks, but for two that the contract cannot meet: which offsets a connector takes, and whether it is stopped, no schema can say; and
 * Java answers for the topics of a connector that there is not with an empty list.
 */
const CONFIG = `
[[operations]]
include-name = ["PATCH /connectors/{name}/offsets", "DELETE /connectors/{name}/offsets"]
checks.positive_data_acceptance.enabled = false

[[operations]]
include-name = "GET /connectors/{name}/topics"
checks.use_after_free.enabled = false
`;

/**
 * How many requests it makes of each kind; `SCHEMATHESIS_EXAMPLES` for a longer look. Not a time: what is asked would hang on the machine, and with that
 * whether a name that was deleted is given again by chance, which it takes for one that was not deleted.
 */
const EXAMPLES = process.env['SCHEMATHESIS_EXAMPLES'] ?? '20';

t.test(
  'the API keeps what it tells about itself',
  { skip: tool.ok ? false : tool.reason, timeout: (Number(EXAMPLES) + 20) * 5_000 },
  async (t) => {
    if (!tool.ok) return;
    const dir = tempDir(t);
    const file = join(dir, 'in.txt');
    writeFileSync(file, 'one\ntwo\n');
    const [port] = await freePorts(1);
    // In a process of its own: file sinks that are made without a file write to its standard output.
    const worker = await workerProcess(t, dir, port!, { 'bootstrap.servers': 'embedded:./log' }, [
      { name: 'src', 'connector.class': 'FileStreamSource', topic: 'lines', file },
      { name: 'snk', 'connector.class': 'FileStreamSink', topics: 'lines', file: join(dir, 'out.txt') },
    ]);
    const config = join(dir, 'schemathesis.toml');
    writeFileSync(config, CONFIG);
    const options = [
      '--seed',
      '1',
      '--no-color',
      '--request-timeout',
      '60',
      '--generation-deterministic',
      '--max-examples',
      EXAMPLES,
    ];
    const args = ['--config-file', config, 'run', `${worker.url}/openapi.json`, ...options];
    const output = await tool
      .run(MAIN, args, dir)
      .catch((error: { stdout: string; stderr: string }) => error.stdout + error.stderr);
    t.equal(/=+ (?:FAILURES|ERRORS) =+[\s\S]*/.exec(output)?.[0] ?? '', '', 'every check passes');
    const generated = Number(/(\d+) generated/.exec(output)?.[1]);
    t.ok(generated > 0, `${generated} requests were made`);
    t.equal((await fetch(`${worker.url}/health`)).status, 200);
  },
);
