import type { Statement } from '../sql/ast.ts';
import { bindStatement, type Variables } from './binding.ts';
import { SqlError } from './errors.ts';
import type { Session } from './session.ts';

/** Names that may come to be while the batch runs. */
const DEFERRED = new Set([208]);

/**
 * What is wrong with statements whose tables are there strikes before the first of them is executed, as a batch
 * is compiled as a whole: a column that an ALTER TABLE of the same batch adds is not known to the next statement.
 */
export function precompile(statements: readonly Statement[], session: Session, given: Variables): void {
  const variables: Variables = new Map(given);
  const visit = (statement: Statement): void => {
    if (statement.kind === 'declare')
      for (const { name, type } of statement.variables) variables.set(name, { type, value: null });
    if (statement.kind === 'block') statement.statements.forEach(visit);
    if (statement.kind === 'try') [...statement.body, ...statement.handler].forEach(visit);
    if (statement.kind === 'while') visit(statement.body);
    if (statement.kind === 'if') [statement.yes, ...(statement.no ? [statement.no] : [])].forEach(visit);
    if (!['select', 'insert', 'update', 'delete', 'merge'].includes(statement.kind)) return;
    try {
      bindStatement(statement, session, variables);
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      if (error.line === 0) error.line = statement.line;
      if (!DEFERRED.has(error.number)) throw error;
    }
  };
  statements.forEach(visit);
}
