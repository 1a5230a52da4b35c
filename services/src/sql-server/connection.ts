import type { Duplex } from 'node:stream';
import type { Answer } from './answer.ts';
import { SqlError, sqlError } from './engine/errors.ts';
import type { Gate } from './engine/executor.ts';
import { type Instance, Session } from './engine/session.ts';
import { ConnectionDropped, type Faults, type SqlServerFault, strikeAfter, strikeBefore } from './faults.ts';
import type { StatementLog } from './record.ts';
import { Requests } from './requests.ts';
import { Writer } from './wire/bytes.ts';
import { ENCRYPT, loginAck, preloginAnswer, preloginEncryption, readLogin } from './wire/login.ts';
import { MESSAGE, type Message, MessageReader, packets } from './wire/packets.ts';
import { DONE, writeCollationChange, writeDone, writeError, writeInfo, writeTextChange } from './wire/tokens.ts';

export interface ConnectionOptions {
  readonly id: number;
  readonly instance: Instance;
  readonly user: string;
  readonly password: string;
  readonly defaultDatabase: string;
  readonly faults: Faults;
  readonly log: StatementLog;
  /** Upgrades to TLS; null if the server has no certificate. */
  readonly secure: ((stream: Duplex) => Promise<Duplex>) | null;
  readonly requireEncryption: boolean;
}

const DEFAULT_PACKET_SIZE = 4096;

class Attention extends Error {}

/** One connection, from PRELOGIN to its end. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #messages = new MessageReader();
  #stream: Duplex;
  #packetSize = DEFAULT_PACKET_SIZE;
  #session: Session | null = null;
  #requests: Requests | null = null;
  #work: Promise<void> = Promise.resolve();
  #running: AbortController | null = null;
  #ended = false;

  constructor(stream: Duplex, options: ConnectionOptions) {
    this.#options = options;
    this.#stream = stream;
    this.#listen(stream);
  }

  /** Breaks it. */
  destroy(): void {
    this.#end();
    this.#stream.destroy();
  }

  #listen(stream: Duplex): void {
    stream.on('data', (chunk: Buffer) => {
      for (const message of this.#messages.read(chunk)) this.#take(message);
    });
    stream.on('error', () => this.destroy());
    stream.on('close', () => this.#end());
    stream.resume();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#running?.abort(new ConnectionDropped('none'));
    this.#session?.end();
  }

  #take(message: Message): void {
    if (message.type === MESSAGE.attention) this.#running?.abort(new Attention());
    this.#work = this.#work.then(() => this.#handle(message)).catch((error: unknown) => this.#fail(error));
  }

  /** What is not an error of SQL Server is one of this server: it must be seen, so it is told before the connection ends. */
  #fail(error: unknown): void {
    if (this.#ended) return;
    if (!(error instanceof ConnectionDropped)) {
      const writer = new Writer();
      const told = new SqlError(
        50000,
        `The double of SQL Server failed: ${error instanceof Error ? error.stack : String(error)}`,
        { state: 1, class: 20, reach: 'connection' },
      );
      writeError(writer, told, '');
      writeDone(writer, 'batch', DONE.error, 0, 0);
      this.#send(writer.written);
      this.#stream.end();
    }
    this.#end();
    if (error instanceof ConnectionDropped) this.#stream.destroy();
  }

  async #handle(message: Message): Promise<void> {
    if (this.#ended) return;
    if (!this.#session) {
      await this.#greet(message);
      return;
    }
    if (message.type === MESSAGE.attention) {
      const writer = new Writer();
      writeDone(writer, 'batch', DONE.attention, 0, 0);
      this.#send(writer.written);
      return;
    }
    const running = new AbortController();
    this.#running = running;
    try {
      const answer = await this.#answer(message, running.signal);
      if (this.#ended) return;
      this.#send(answer.writer.written);
      if (answer.fatal) this.#close();
    } catch (error) {
      if (error instanceof Attention) {
        if (this.#session.settings.xactAbort && this.#session.transaction.count > 0)
          this.#session.transaction.rollback();
        // The request is answered with what there is of an answer; the attention has an answer of its own.
        this.#send(this.#requests!.answer!.end());
        return;
      }
      if (error instanceof ConnectionDropped && error.answer === 'half') await this.#sendHalf(this.#requests!.answer);
      throw error;
    } finally {
      this.#running = null;
    }
  }

  async #answer(message: Message, signal: AbortSignal): Promise<Answer> {
    const requests = this.#requests!;
    if (message.reset) requests.reset();
    if (message.ignored) return requests.ignored();
    switch (message.type) {
      case MESSAGE.batch:
        return requests.batch(message.bytes, signal);
      case MESSAGE.rpc:
        return requests.rpc(message.bytes, signal);
      case MESSAGE.bulk:
        return requests.bulk(message.bytes, signal);
      case MESSAGE.transaction:
        return requests.transaction(message.bytes, signal);
      default:
        throw new Error(`A message of type ${message.type} is not known here.`);
    }
  }

  async #sendHalf(answer: Answer | null): Promise<void> {
    const bytes = answer?.end() ?? Buffer.alloc(0);
    const whole = packets(MESSAGE.answer, bytes, this.#packetSize);
    await new Promise((sent) => this.#stream.write(whole.subarray(0, Math.floor(whole.length / 2)), sent));
  }

  #send(bytes: Buffer): void {
    this.#stream.write(packets(MESSAGE.answer, bytes, this.#packetSize));
  }

  #close(): void {
    this.#stream.end();
    this.#end();
  }

  async #greet(message: Message): Promise<void> {
    if (message.type === MESSAGE.prelogin) await this.#prelogin(message.bytes);
    else if (message.type === MESSAGE.login) await this.#login(message.bytes);
    else throw new Error(`A message of type ${message.type} before the login.`);
  }

  async #prelogin(bytes: Buffer): Promise<void> {
    const { secure, requireEncryption } = this.#options;
    const asked = preloginEncryption(bytes);
    const wanted = asked === ENCRYPT.on || asked === ENCRYPT.required;
    const encrypts = secure !== null && (wanted || requireEncryption);
    this.#send(preloginAnswer(encrypts ? (requireEncryption ? ENCRYPT.required : ENCRYPT.on) : ENCRYPT.notSupported));
    if (!encrypts) return;
    this.#stream.removeAllListeners('data');
    this.#stream = await secure(this.#stream);
    this.#listen(this.#stream);
  }

  async #login(bytes: Buffer): Promise<void> {
    const login = readLogin(bytes);
    const { options, writer } = { options: this.#options, writer: new Writer() };
    try {
      await strikeBefore(options.faults.take('LOGIN'), options.id);
      if (
        login.integrated ||
        login.user.toLowerCase() !== options.user.toLowerCase() ||
        login.password !== options.password
      )
        throw sqlError(18456, login.user);
      const database = login.database || options.defaultDatabase;
      const session = new Session(
        { id: options.id, user: login.user, app: login.app, host: login.host },
        options.instance,
        [...options.instance.databases.values()][0]!,
        (event) => this.#requests?.answer?.transaction(event),
      );
      const found = session.databaseOf(database);
      if (!found) throw sqlError(4060, database);
      session.database = found;
      this.#welcome(writer, found.name, login.packetSize);
      this.#session = session;
      this.#requests = new Requests(session, options.log, this.#gate());
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      writeError(writer, error, '');
      if (error.number === 4060) writeError(writer, sqlError(18456, login.user), '');
      writeDone(writer, 'batch', DONE.error, 0, 0);
      this.#send(writer.written);
      this.#close();
    }
  }

  #welcome(writer: Writer, database: string, packetSize: number): void {
    const size = Math.min(Math.max(packetSize || DEFAULT_PACKET_SIZE, 512), 32767);
    writeTextChange(writer, 'database', database, 'master');
    writeInfo(writer, `Changed database context to '${database}'.`, 5701);
    writeCollationChange(writer);
    writeTextChange(writer, 'language', 'us_english', '');
    loginAck(writer);
    writeTextChange(writer, 'packetSize', String(size), String(DEFAULT_PACKET_SIZE));
    writeDone(writer, 'batch', 0, 0, 0);
    this.#send(writer.written);
    this.#packetSize = size;
  }

  #gate(): Gate {
    const { faults, id } = this.#options;
    let fault: SqlServerFault | undefined;
    return {
      before: async (text) => {
        fault = faults.take(text);
        if (!fault) return;
        const { signal } = this.#running!;
        const { promise, reject } = Promise.withResolvers<never>();
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        await Promise.race([strikeBefore(fault, id), promise]);
      },
      after: async () => strikeAfter(fault),
    };
  }
}
