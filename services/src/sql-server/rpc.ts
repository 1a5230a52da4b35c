import type { Answer } from './answer.ts';
import type { Variables } from './engine/binding.ts';
import { conversion, conversionKind } from './engine/convert.ts';
import { SqlError, sqlError } from './engine/errors.ts';
import { executeProcedure } from './engine/procedures.ts';
import type { Session } from './engine/session.ts';
import { INT, type SqlType, type SqlValue } from './engine/types.ts';
import type { Statement } from './sql/ast.ts';
import { parse, parseParameters } from './sql/parser.ts';
import type { RpcParameter, RpcRequest } from './wire/requests.ts';
import { writeReturnStatus, writeReturnValue } from './wire/tokens.ts';

/** The most parameters of a call, those that hold text and declarations included. */
const MOST_PARAMETERS = 2100;

/** A call, reduced to what is executed. */
interface Call {
  readonly procedure: string;
  readonly sql: string;
  /** What was passed for the parameters of the text. */
  readonly parameters: readonly RpcParameter[];
  readonly declarations: string;
  readonly action: 'execute' | 'prepare' | 'unprepare' | 'procedure';
  readonly handle?: number;
  /** All that was passed. */
  readonly passed: readonly RpcParameter[];
  readonly error?: SqlError;
}

type RunStatements = (statements: readonly Statement[], variables: Variables) => Promise<boolean>;

/** Calls of procedures, and the statements that a session has prepared. */
export class Procedures {
  readonly #session: Session;
  readonly #prepared = new Map<number, { sql: string; declarations: string }>();
  #handles = 0;

  constructor(session: Session) {
    this.#session = session;
  }

  resolve({ procedure, parameters }: RpcRequest): Call {
    const name = procedure.toLowerCase().replace(/^.*\./, '');
    const text = (at: number): string => String(parameters[at]?.value ?? '');
    const base = { procedure: name, passed: parameters };
    if (parameters.length > MOST_PARAMETERS) {
      return { ...base, action: 'execute', sql: text(0), declarations: '', parameters: [], error: sqlError(8003) };
    }
    switch (name) {
      case 'sp_executesql':
        return { ...base, action: 'execute', sql: text(0), declarations: text(1), parameters: parameters.slice(2) };
      case 'sp_prepare':
        return { ...base, action: 'prepare', sql: text(2), declarations: text(1), parameters: [] };
      case 'sp_prepexec':
        return {
          ...base,
          action: 'execute',
          handle: this.#keep(text(2), text(1)),
          sql: text(2),
          declarations: text(1),
          parameters: parameters.slice(3),
        };
      case 'sp_execute':
      case 'sp_unprepare': {
        const handle = Number(parameters[0]?.value);
        const known = this.#prepared.get(handle);
        const rest = { ...base, sql: known?.sql ?? name, declarations: known?.declarations ?? '', handle };
        if (!known) return { ...rest, action: 'execute', parameters: [], error: sqlError(8179, handle) };
        return name === 'sp_execute'
          ? { ...rest, action: 'execute', parameters: parameters.slice(1) }
          : { ...rest, action: 'unprepare', parameters: [] };
      }
      default:
        return { ...base, action: 'procedure', sql: procedure, declarations: '', parameters };
    }
  }

  /** Executes the call and ends the answer. */
  async execute(
    call: Call,
    answer: Answer,
    run: RunStatements,
    variables: Variables,
    signal: AbortSignal,
  ): Promise<void> {
    let status = 0;
    let values: { name: string; type: SqlType; value: SqlValue }[] = [];
    try {
      if (call.error) throw call.error;
      switch (call.action) {
        case 'prepare':
          parse(call.sql);
          values = [
            { name: call.passed[0]?.name ?? '', type: INT, value: BigInt(this.#keep(call.sql, call.declarations)) },
          ];
          break;
        case 'unprepare':
          this.#prepared.delete(call.handle!);
          break;
        case 'procedure':
          status = await this.#procedure(call, signal);
          break;
        default:
          values = await this.#text(call, run, variables, answer);
      }
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      if (error.line === 0) error.line = 1;
      answer.listener.error(error);
      status = error.number;
    }
    writeReturnStatus(answer.writer, status);
    values.forEach(({ name, type, value }, at) => {
      writeReturnValue(answer.writer, at, name, type, value);
    });
    answer.endProcedure();
  }

  #keep(sql: string, declarations: string): number {
    this.#handles++;
    this.#prepared.set(this.#handles, { sql, declarations });
    return this.#handles;
  }

  async #procedure(call: Call, signal: AbortSignal): Promise<number> {
    const args = call.passed.map(({ name, value }) => ({ name: name === '' ? undefined : name, value }));
    const status = await executeProcedure(call.procedure.split('.'), args, this.#session, signal);
    this.#session.transaction.autocommit();
    return status;
  }

  /** Runs the text as a scope of its own: its temporary tables and settings end with it. */
  async #text(
    call: Call,
    run: RunStatements,
    variables: Variables,
    answer: Answer,
  ): Promise<{ name: string; type: SqlType; value: SqlValue }[]> {
    const session = this.#session;
    const outputs = declare(call, variables);
    const statements = parse(call.sql);
    const tables = session.temporaryTables;
    const settings = { ...session.settings };
    const { count } = session.transaction;
    const whole = await run(statements, variables);
    session.keepTemporary(tables);
    session.settings = settings;
    const now = session.transaction.count;
    if (whole && now !== count) answer.listener.error(sqlError(266, count, now));
    const handle =
      call.handle !== undefined && call.procedure === 'sp_prepexec'
        ? [{ name: call.passed[0]?.name ?? '', type: INT, value: BigInt(call.handle) }]
        : [];
    return [...handle, ...outputs.map((name) => ({ name, ...variables.get(name.toLowerCase())! }))];
  }
}

/**
 * Declares the parameters with what was passed for them.
 *
 * @returns the names of those that are passed back
 * @throws SqlError 8145, 8178 and those of conversions
 */
function declare(call: Call, variables: Variables): string[] {
  const declared = parseParameters(call.declarations);
  const outputs: string[] = [];
  for (const parameter of call.parameters) {
    if (parameter.name !== '' && !declared.some(({ name }) => name.toLowerCase() === parameter.name.toLowerCase())) {
      throw sqlError(8145, parameter.name.replace('@', ''), call.procedure);
    }
  }
  declared.forEach(({ name, type, output }, at) => {
    const passed =
      call.parameters.find((parameter) => parameter.name.toLowerCase() === name.toLowerCase()) ??
      (call.parameters[at]?.name === '' ? call.parameters[at] : undefined);
    if (!passed) throw sqlError(8178, call.sql.slice(0, 100), name);
    variables.set(name.toLowerCase(), { type, value: converted(passed, type) });
    if (output && passed.output) outputs.push(name);
  });
  return outputs;
}

function converted({ type, value }: RpcParameter, to: SqlType): SqlValue {
  if (value === null) return null;
  if (conversionKind(type, to) !== 'implicit') throw sqlError(206, type.name, to.name);
  return conversion(type, to)(value);
}
