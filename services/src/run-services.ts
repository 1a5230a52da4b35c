import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** Names the socket at which a test run's processes ask for the servers that they share; set by `run-with.ts`. */
const SOCKET_VARIABLE = 'TRIBUTARY_TEST_SERVICES';

/** A server that a run starts when the first of its processes asks for it. */
export interface RunService {
  /** How the processes of the run reach it, in one text. */
  readonly address: string;
  stop(): Promise<void>;
}

type Answer = { readonly address: string } | { readonly failed: string };

/** Asks the run that this process is part of for a service; undefined when it is part of none. Rejects when it could not be started. */
export async function askRun(service: string): Promise<string | undefined> {
  const path = process.env[SOCKET_VARIABLE];
  if (!path) return undefined;
  const socket = connect(path);
  socket.end(service);
  const answer = JSON.parse(await text(socket)) as Answer;
  if ('failed' in answer) throw new Error(answer.failed);
  return answer.address;
}

/** Starts the servers that the processes of a run share: each once, when the first of them asks for it. */
export class RunServices {
  /** What the processes of the run need in their environment. */
  readonly env: NodeJS.ProcessEnv;
  readonly #folder: string;
  readonly #starters: Readonly<Record<string, () => Promise<RunService>>>;
  readonly #started = new Map<string, Promise<RunService>>();
  readonly #server: Server;

  private constructor(folder: string, starters: Readonly<Record<string, () => Promise<RunService>>>) {
    this.#folder = folder;
    this.#starters = starters;
    this.env = { [SOCKET_VARIABLE]: join(folder, 'socket') };
    // Half-open: a process ends its question and waits for the answer.
    this.#server = createServer({ allowHalfOpen: true }, (socket) => void this.#answer(socket));
  }

  static async open(starters: Readonly<Record<string, () => Promise<RunService>>>): Promise<RunServices> {
    const services = new RunServices(await mkdtemp(join(tmpdir(), 'tributary-run-')), starters);
    services.#server.listen(services.env[SOCKET_VARIABLE]);
    await once(services.#server, 'listening');
    return services;
  }

  /** Stops what was started. */
  async close(): Promise<void> {
    this.#server.close();
    const started = await Promise.allSettled(this.#started.values());
    await Promise.all(started.map((outcome) => outcome.status === 'fulfilled' && outcome.value.stop()));
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #answer(socket: Socket): Promise<void> {
    // Who asked may be gone by now.
    socket.on('error', () => undefined);
    const answer = await text(socket)
      .then((service) => this.#start(service))
      .then(
        ({ address }): Answer => ({ address }),
        (error: unknown): Answer => ({ failed: error instanceof Error ? error.message : String(error) }),
      );
    socket.end(JSON.stringify(answer));
  }

  #start(service: string): Promise<RunService> {
    let started = this.#started.get(service);
    if (!started) {
      const start = this.#starters[service];
      started = start ? start() : Promise.reject(new Error(`a test run shares no ${service}`));
      this.#started.set(service, started);
    }
    return started;
  }
}
