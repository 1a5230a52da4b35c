import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type ProcessUsage, processUsage } from '@tributary/services';

/** What the server is told. */
export type FeedCommand =
  | { readonly type: 'all'; readonly records: number }
  | { readonly type: 'rate'; readonly perSecond: number; readonly seconds: number };

/** What it tells. */
export type FeedReport =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'subscribed' }
  /** `lateMs`: how late the records were sent at worst. */
  | { readonly type: 'sent'; readonly records: number; readonly lateMs: number };

/** A feed in a process of its own that sends trades to its one client. */
export class Feed {
  readonly #child: ChildProcess;
  readonly url: string;
  /** Resolves when a client has subscribed. */
  readonly subscribed: Promise<void>;
  /** All trades that were sent or are to be sent. */
  ordered = 0;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.url = `ws://127.0.0.1:${port}/stream`;
    this.subscribed = reported(child, 'subscribed').then(() => undefined);
    this.subscribed.catch(() => undefined);
  }

  static async start(symbols: number): Promise<Feed> {
    const program = join(import.meta.dirname, 'feed-program.ts');
    const child = fork(program, [String(symbols)], { execArgv: ['--conditions=tributary-source'] });
    const { port } = await reported(child, 'listening');
    return new Feed(child, port);
  }

  /** Sends trades as fast as the client takes them. Resolves when the last is on its way. */
  async sendAll(records: number): Promise<void> {
    await this.#order(records, { type: 'all', records });
  }

  /** @returns how late trades were sent at worst, ms */
  async sendAtRate(perSecond: number, seconds: number): Promise<number> {
    return this.#order(perSecond * seconds, { type: 'rate', perSecond, seconds });
  }

  usage(): ProcessUsage | undefined {
    return processUsage(this.#child.pid!);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill();
    await exit;
  }

  async #order(records: number, command: FeedCommand): Promise<number> {
    this.ordered += records;
    this.#child.send(command);
    return (await reported(this.#child, 'sent')).lateMs;
  }
}

/** @throws Error if the server ends before */
function reported<T extends FeedReport['type']>(
  child: ChildProcess,
  type: T,
): Promise<Extract<FeedReport, { type: T }>> {
  return new Promise((resolve, reject) => {
    const take = (report: FeedReport): void => {
      if (report.type !== type) return;
      child.off('message', take).off('exit', ended);
      resolve(report as Extract<FeedReport, { type: T }>);
    };
    const ended = (code: number | null): void => reject(new Error(`The feed's server ended with ${code}`));
    child.on('message', take).once('exit', ended);
  });
}
