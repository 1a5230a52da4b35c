import type { SqlError } from './engine/errors.ts';
import type { Listener } from './engine/executor.ts';
import type { Session } from './engine/session.ts';
import type { TransactionEvent } from './engine/transaction.ts';
import { Writer } from './wire/bytes.ts';
import {
  DONE,
  type DoneToken,
  writeColumns,
  writeDone,
  writeError,
  writeInfo,
  writeRow,
  writeTransaction,
} from './wire/tokens.ts';

/** Numbers of commands in DONE tokens. */
const COMMANDS: Partial<Record<string, number>> = {
  select: 0xc1,
  insert: 0xc3,
  delete: 0xc4,
  update: 0xc5,
  merge: 0x117,
  insertBulk: 0xf0,
};

interface Done {
  readonly at: number;
  status: number;
}

/** The tokens of one answer, as they come to be. */
export class Answer {
  readonly writer = new Writer();
  readonly listener: Listener;
  /** An error of severity 20 or more was sent: the connection is to be closed. */
  fatal = false;
  readonly #session: Session;
  readonly #token: DoneToken;
  readonly #procedure: string;
  #dones: Done[] = [];
  #failed = false;

  /**
   * @param token what ends each statement
   * @param onError hears of each error
   */
  constructor(session: Session, token: DoneToken, procedure: string, onError: (error: SqlError) => void) {
    this.#session = session;
    this.#token = token;
    this.#procedure = procedure;
    this.listener = {
      result: (result, statement) => {
        const command = COMMANDS[statement.kind] ?? 0xfd;
        const counted = this.#session.settings.noCount ? 0 : DONE.count;
        if (result.kind === 'rows') {
          writeColumns(this.writer, result.columns);
          const types = result.columns.map(({ type }) => type);
          for (const row of result.rows) writeRow(this.writer, types, row);
          this.#done(counted, command, result.rows.length);
        } else if (result.kind === 'count') {
          this.#done(counted, command, result.count);
        } else if (this.#token === 'batch') {
          this.#done(0, command, 0);
        }
      },
      error: (error) => {
        onError(error);
        this.error(error);
      },
      message: (text) => writeInfo(this.writer, text),
    };
  }

  error(error: SqlError): void {
    writeError(this.writer, error, this.#procedure);
    if (error.class >= 20) this.fatal = true;
    this.#failed = true;
    this.#done(DONE.error, 0xfd, 0);
  }

  transaction(event: TransactionEvent): void {
    writeTransaction(this.writer, event);
  }

  get failed(): boolean {
    return this.#failed;
  }

  /** Ends the answer: its last DONE says that nothing more comes. */
  end(): Buffer {
    if (this.#dones.length === 0) this.#done(0, 0xfd, 0);
    this.#finish(this.#dones);
    return this.writer.written;
  }

  /** Ends the answer of a procedure, behind what was written last. */
  endProcedure(): Buffer {
    const dones = this.#dones;
    this.#dones = [];
    for (const done of dones) this.#set(done, done.status | DONE.more);
    writeDone(this.writer, 'procedure', (this.#failed ? DONE.error : 0) | this.#inTransaction(), 0xe0, 0);
    return this.writer.written;
  }

  #done(status: number, command: number, count: number): void {
    const done = { at: this.writer.length + 1, status: status | this.#inTransaction() };
    writeDone(this.writer, this.#token, done.status, command, count);
    this.#dones.push(done);
  }

  #inTransaction(): number {
    return this.#session.transaction.count > 0 ? DONE.inTransaction : 0;
  }

  #finish(dones: readonly Done[]): void {
    dones.forEach((done, at) => {
      this.#set(done, at < dones.length - 1 ? done.status | DONE.more : done.status);
    });
  }

  #set(done: Done, status: number): void {
    this.writer.written.writeUInt16LE(status, done.at);
  }
}
