import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';

/** Keeps a list of process ids by what it reads. At the end of its input, which comes when this process ends in whatever way, it kills them. */
const SCRIPT = `trap "" INT TERM HUP
pids=" "
while read -r change pid; do
  case $change in
    +) pids="$pids$pid " ;;
    -) pids="\${pids%% $pid *} \${pids#* $pid }" ;;
  esac
done
[ "$pids" = " " ] || kill -9 $pids 2>/dev/null
`;

/**
 * Ends processes when this one is killed. They end by themselves when they see it, but a process whose plugin is in a loop never
 * does. One shell waits for that, as long as there are any; a thread in each of them would cost 16 MB each (Node 24).
 */
export class Orphans {
  readonly #onProblem: (problem: string) => void;
  readonly #pids = new Set<number>();
  /** What it reads. */
  #shell: Writable | undefined;

  constructor(onProblem: (problem: string) => void) {
    this.#onProblem = onProblem;
  }

  add(pid: number): void {
    this.#pids.add(pid);
    this.#shell ??= this.#start();
    this.#shell.write(`+ ${pid}\n`);
  }

  remove(pid: number): void {
    if (!this.#pids.delete(pid)) return;
    this.#shell?.write(`- ${pid}\n`);
    if (this.#pids.size > 0) return;
    this.#shell?.end();
    this.#shell = undefined;
  }

  #start(): Writable {
    const shell = spawn('sh', ['-c', SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'] });
    shell.unref();
    shell.stdin.on('error', () => {});
    shell.on('error', (error) =>
      this.#onProblem(
        `If this worker is killed, a task whose plugin is in a loop stays behind as a process: there is no shell to end it (${error.message})`,
      ),
    );
    return shell.stdin;
  }
}
