/** Schemathesis makes requests out of `/openapi.json`, right ones and wrong ones, and holds the answers against it. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts, pythonWith, skipUnlessPython } from '@tributary/services';
import t from 'tap';
import { plainCommand } from '../support/environment.ts';
import { workerProcess } from '../support/process.ts';
import { tempDir } from '../support/worker.ts';

const REQUIREMENTS = ['schemathesis==4.32.5'];
/** What its command does; the package cannot be run as a module. */
const MAIN = 'from schemathesis.cli import schemathesis; schemathesis()';
const skip = await skipUnlessPython(REQUIREMENTS);

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

/** How long it may look for trouble, in seconds; `SCHEMATHESIS_SECONDS` for a longer look. */
const SECONDS = process.env['SCHEMATHESIS_SECONDS'] ?? '30';

t.test('the API keeps what it tells about itself', { skip, timeout: (Number(SECONDS) + 120) * 1_000 }, async (t) => {
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
  const python = await pythonWith(REQUIREMENTS);
  const options = ['--seed', '1', '--no-color', '--request-timeout', '60', '--max-time', SECONDS];
  const command = ['-c', MAIN, '--config-file', config, 'run', `${worker.url}/openapi.json`, ...options];
  const output = await new Promise<string>((resolve) => {
    execFile(...plainCommand(python, command), { cwd: dir, maxBuffer: 2 ** 26 }, (_error, stdout, stderr) => {
      resolve(stdout + stderr);
    });
  });
  t.equal(/=+ (?:FAILURES|ERRORS) =+[\s\S]*/.exec(output)?.[0] ?? '', '', 'every check passes');
  const generated = Number(/(\d+) generated/.exec(output)?.[1]);
  t.ok(generated > 300, `${generated} requests were made`);
  t.equal((await fetch(`${worker.url}/health`)).status, 200);
});
