import { Answer } from './answer.ts';
import type { Variables } from './engine/binding.ts';
import { type BulkTarget, bulkInsert, checkBulk } from './engine/bulk.ts';
import { SqlError, sqlError } from './engine/errors.ts';
import { Executor, type Gate } from './engine/executor.ts';
import type { Session } from './engine/session.ts';
import type { RecordedStatement, StatementLog } from './record.ts';
import { shownParameter } from './record.ts';
import { Procedures } from './rpc.ts';
import { parse } from './sql/parser.ts';
import { readBatch, readBulk, readRpc, readTransaction } from './wire/requests.ts';
import { writeReset } from './wire/tokens.ts';

/** Answers the requests of a session. */
export class Requests {
  readonly #session: Session;
  readonly #log: StatementLog;
  readonly #gate: Gate;
  readonly #procedures: Procedures;
  #bulk: BulkTarget | null = null;
  #answer: Answer | null = null;
  #wasReset = false;

  constructor(session: Session, log: StatementLog, gate: Gate) {
    this.#session = session;
    this.#log = log;
    this.#gate = gate;
    this.#procedures = new Procedures(session);
  }

  /** The answer that is being made, for what happens beside its statements. */
  get answer(): Answer | null {
    return this.#answer;
  }

  async batch(bytes: Buffer, signal: AbortSignal): Promise<Answer> {
    const sql = readBatch(bytes);
    const answer = this.#begin({ kind: 'batch', sql });
    const statements = this.#parsed(sql, answer);
    const [first] = statements ?? [];
    if (first?.kind === 'insertBulk' && statements!.length === 1) {
      await this.#executor(answer, signal).request(first.text, async () => {
        checkBulk(first, this.#session);
        this.#bulk = first;
      });
    } else if (statements) {
      await this.#executor(answer, signal).run(statements);
    }
    answer.end();
    return answer;
  }

  async rpc(bytes: Buffer, signal: AbortSignal): Promise<Answer> {
    const request = readRpc(bytes);
    const call = this.#procedures.resolve(request);
    const parameters = call.parameters.map(({ name, type, value }) => shownParameter(name, type, value));
    const answer = this.#begin({ kind: 'rpc', sql: call.sql, parameters }, 'statement', call.procedure);
    const variables: Variables = new Map();
    await this.#procedures.execute(
      call,
      answer,
      (statements, of) => new Executor(this.#session, of, answer.listener, this.#gate, signal).run(statements),
      variables,
      signal,
    );
    return answer;
  }

  /** The rows behind INSERT BULK. */
  async bulk(bytes: Buffer, signal: AbortSignal): Promise<Answer> {
    const target = this.#bulk;
    this.#bulk = null;
    const table = target?.table.join('.') ?? '';
    if (!target) {
      const answer = this.#begin({ kind: 'bulk', sql: 'BULK LOAD' });
      answer.listener.error(sqlError(4002));
      answer.end();
      return answer;
    }
    const data = readBulk(bytes);
    const answer = this.#begin({ kind: 'bulk', sql: `BULK LOAD ${table}`, rows: data.rows.length });
    await this.#executor(answer, signal).request(`BULK LOAD ${table}`, async () => {
      const count = await bulkInsert(target, data.columns, data.rows, this.#session, signal);
      answer.listener.result({ kind: 'count', count }, target);
    });
    answer.end();
    return answer;
  }

  async transaction(bytes: Buffer, signal: AbortSignal): Promise<Answer> {
    const request = readTransaction(bytes);
    const sql =
      request.kind === 'unknown' ? `TRANSACTION REQUEST ${request.type}` : `${request.kind.toUpperCase()} TRANSACTION`;
    const answer = this.#begin({ kind: 'transaction', sql });
    await this.#executor(answer, signal).request(sql, async () => {
      const { transaction, settings } = this.#session;
      switch (request.kind) {
        case 'begin':
          if (request.isolation !== null) settings.isolation = request.isolation;
          transaction.begin(request.name);
          break;
        case 'commit':
          transaction.commit();
          break;
        case 'rollback':
          transaction.rollback(request.name);
          break;
        case 'save':
          transaction.save(request.name);
          break;
        default:
          throw sqlError(102, sql);
      }
    });
    answer.end();
    return answer;
  }

  /** Makes the session as new before the next request, as a pool asks for; its answer says so. */
  reset(): void {
    this.#session.reset();
    this.#bulk = null;
    this.#wasReset = true;
  }

  /** The answer to a message that the client took back. */
  ignored(): Answer {
    this.#bulk = null;
    const answer = new Answer(this.#session, 'batch', '', () => undefined);
    answer.end();
    return answer;
  }

  #begin(
    of: Pick<RecordedStatement, 'kind' | 'sql'> & Partial<RecordedStatement>,
    token: 'batch' | 'statement' = 'batch',
    procedure = '',
  ): Answer {
    const onError = this.#log.add({ parameters: [], session: this.#session.id, ...of });
    this.#answer = new Answer(this.#session, token, procedure, onError);
    if (this.#wasReset) writeReset(this.#answer.writer);
    this.#wasReset = false;
    return this.#answer;
  }

  #executor(answer: Answer, signal: AbortSignal): Executor {
    return new Executor(this.#session, new Map(), answer.listener, this.#gate, signal);
  }

  #parsed(sql: string, answer: Answer): ReturnType<typeof parse> | null {
    try {
      return parse(sql);
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      answer.listener.error(error);
      return null;
    }
  }
}
