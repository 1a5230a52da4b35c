import type { Expr } from '../sql/ast.ts';
import { type BindContext, type Bound, coerce, union } from './bound.ts';
import { sqlError } from './errors.ts';
import type { Call, FunctionDefinition } from './function-types.ts';
import { catalogFunctions } from './functions-catalog.ts';
import { textFunctions } from './functions-text.ts';
import { timeFunctions } from './functions-time.ts';
import { unified } from './unified.ts';

const GENERAL: Record<string, FunctionDefinition> = {
  ISNULL: {
    args: [2, 2],
    bind: ([first, second]) => {
      const type = first!.untyped ? second!.type : first!.type;
      const other = coerce(second!, type);
      return {
        ...first!,
        type,
        slots: union(first!, other),
        nullable: second!.nullable,
        eval: (env) => first!.eval(env) ?? other.eval(env),
      };
    },
  },
  COALESCE: {
    args: [2, 1000],
    bind: (args) => {
      const { type, values } = unified(args);
      return {
        type,
        slots: union(...args),
        nullable: args.every(({ nullable }) => nullable),
        eval: (env) => {
          for (const value of values) {
            const found = value.eval(env);
            if (found !== null) return found;
          }
          return null;
        },
      };
    },
  },
};

const FUNCTIONS: Record<string, FunctionDefinition> = {
  ...GENERAL,
  ...textFunctions,
  ...timeFunctions,
  ...catalogFunctions,
};

/** @throws SqlError 174, 195 */
export function callFunction(
  call: Call,

  context: BindContext,
  bind: (expr: Expr) => Bound,
): Bound {
  if (call.name === 'NULLIF') {
    const [first, second] = call.args;
    if (!first || !second || call.args.length !== 2) throw sqlError(174, 'nullif', 2);
    return bind({
      kind: 'case',
      whens: [{ when: { kind: 'compare', op: '=', left: first, right: second }, result: { kind: 'null' } }],
      otherwise: first,
    });
  }
  const definition = FUNCTIONS[call.name];
  if (!definition || call.star || call.over || call.distinct) throw sqlError(195, call.name);
  const [least, most] = definition.args;
  if (call.args.length < least || call.args.length > most) throw sqlError(174, call.name.toLowerCase(), least);
  const args = definition.part ? call.args.slice(1) : call.args;
  return definition.bind(args.map(bind), { call, context, bind });
}
