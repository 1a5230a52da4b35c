import type { BareStatement as Bare } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { expression } from './expressions.ts';

/** `EXEC @result = procedure @name = value, ...` */
export function executeStatement(c: Cursor): Bare {
  c.oneOf('EXEC', 'EXECUTE');
  let result: string | undefined;
  if (c.token.kind === 'variable') {
    result = c.next().text.toLowerCase();
    c.expect('=');
  }
  const procedure = c.qualifiedName();
  const starts =
    c.token.kind === 'variable' || c.token.kind === 'string' || c.token.kind === 'nstring' || c.token.kind === 'number';
  const args = starts ? c.list(() => argument(c)) : [];
  return { kind: 'execute', procedure, args, ...(result === undefined ? {} : { result }) };
}

function argument(c: Cursor): { name?: string; value: ReturnType<typeof expression> } {
  if (c.token.kind === 'variable' && c.ahead(1).key === '=') {
    const name = c.next().text.toLowerCase();
    c.next();
    return { name, value: expression(c) };
  }
  return { value: expression(c) };
}
