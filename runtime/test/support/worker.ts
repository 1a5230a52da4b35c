import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Props } from '@tributary/api';
import type { Test } from 'tap';
import type { ConnectorFile } from '../../src/config/files.ts';
import type { Loggers } from '../../src/logging/loggers.ts';
import { openLoggers } from '../../src/logging/output.ts';
import { startWorker, type Worker } from '../../src/worker.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; undefined if it is empty. */
  // biome-ignore lint/suspicious/noExplicitAny: bodies are compared with literals, which checks their shape
  readonly json: any;
}

export interface TestWorker {
  readonly worker: Worker;
  readonly url: string;
  /** A folder of the test's own. */
  readonly dir: string;
  readonly log: readonly string[];
  /** Sends a request; a body that is not text goes as JSON. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Waits until the connector and all its tasks (at least `tasks`) are in this state. */
  untilState(name: string, state: string, tasks?: number): Promise<void>;
  restart(): Promise<void>;
}

/** An answer of the REST API, read to its end. */
export async function answerOf(response: Response): Promise<Answer> {
  const { status, headers } = response;
  const text = await response.text();
  return {
    status,
    headers,
    text,
    json: text !== '' && headers.get('content-type')?.includes('json') ? JSON.parse(text) : undefined,
  };
}

/** Waits until a condition holds; the test's own timeout ends the wait. */
export async function until(condition: () => boolean | Promise<boolean>, everyMs = 5): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, everyMs));
}

/** Keeps lines as `level message {fields}`, the level in pino's words. */
function memoryLoggers(lines: string[]): Loggers {
  const write = (json: string): void => {
    const { level, msg, time, logger, ...fields } = JSON.parse(json) as { level: number } & Record<string, unknown>;
    lines.push(`${LABELS[level]} ${msg} ${Object.keys(fields).length === 0 ? '' : JSON.stringify(fields)}`);
  };
  return openLoggers({ level: 'INFO', format: 'json', write });
}

const LABELS: Readonly<Record<number, string>> = { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error' };

/** A folder that goes when the test ends. */
export function tempDir(t: Test): string {
  const dir = mkdtempSync(join(tmpdir(), 'tributary-test-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** The worker properties of a group with internal topics of its own, on a Kafka that others use too. */
export const groupOf = (id: string): Props => ({
  'group.id': id,
  'config.storage.topic': `${id}-configs`,
  'offset.storage.topic': `${id}-offsets`,
  'status.storage.topic': `${id}-status`,
});

/**
 * A worker with its REST API on a free port, on the embedded log unless the props say otherwise. It is stopped when the test ends.
 * @param connectors what is in the files that it is started with
 */
export async function testWorker(
  t: Test,
  props: Props = {},
  connectors: readonly ConnectorFile[] = [],
): Promise<TestWorker> {
  const dir = tempDir(t);
  const lines: string[] = [];
  const start = (): Promise<Worker> =>
    startWorker({
      props: {
        'bootstrap.servers': `embedded:${join(dir, 'log')}`,
        listeners: 'http://127.0.0.1:0',
        'offset.flush.interval.ms': '200',
        ...props,
      },
      connectors,
      loggers: memoryLoggers(lines),
      onFatal: (reason) => lines.push(`error ${reason} `),
    });
  let worker = await start();
  t.teardown(() => worker.stop());
  const call: TestWorker['call'] = async (method, path, body, headers = {}) => {
    const text = typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body);
    const response = await fetch(worker.url + path, {
      method,
      headers: { ...(text === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(text === undefined ? {} : { body: text }),
    });
    return answerOf(response);
  };
  return {
    get worker() {
      return worker;
    },
    get url() {
      return worker.url;
    },
    dir,
    log: lines,
    call,
    untilState: (name, state, tasks = 0) =>
      until(async () => {
        const { json } = await call('GET', `/connectors/${encodeURIComponent(name)}/status`);
        return (
          json?.connector?.state === state &&
          json.tasks.length >= tasks &&
          json.tasks.every((task: { state: string }) => task.state === state)
        );
      }),
    async restart() {
      await worker.stop();
      worker = await start();
    },
  };
}
