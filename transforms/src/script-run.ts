/** Runs an operator's expression over a batch of records, with a limit of time. */
import { compileFunction, createContext, Script } from 'node:vm';
import { ConfigError, messageOf } from '@tributary/api';

/** What an expression sees, in this order; further names of Node.js that it had better not reach are undefined. */
export const SCOPE = [
  'key',
  'value',
  'headers',
  'topic',
  'partition',
  'timestamp',
  'offset',
  'record',
  'drop',
] as const;
const HIDDEN = [
  'process',
  'globalThis',
  'global',
  'require',
  'module',
  'fetch',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'eval',
  'Function',
];

export type Expression = (...scope: readonly unknown[]) => unknown;

/** @throws ConfigError where the text is no expression of JavaScript */
export function compileExpression(text: string): Expression {
  // Sloppy mode, since `eval` cannot be a parameter's name in strict mode; the function inside is strict.
  const code = (body: string): string => `return (() => { 'use strict'; ${body} })();`;
  try {
    // In brackets of two kinds first, since a text that closes one by itself is no expression.
    for (const [open, close] of ['()', '[]']) compileFunction(`${open}${text}\n${close}`, [...SCOPE]);
    return compileFunction(code(`return (${text}\n);`), [...SCOPE, ...HIDDEN], {
      filename: 'expression',
    }) as Expression;
  } catch (error) {
    throw new ConfigError(`Invalid value for configuration expression: ${messageOf(error)}: ${shorten(text)}`, {
      cause: error,
    });
  }
}

/** An expression as messages show it. */
export const shorten = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}...` : text);

/** So many records of a batch may use up the time before the rest of it is given up. */
const MOST_TIMEOUTS = 3;

/**
 * Runs steps one after another, all in one call with a time limit: a call costs about 0.25 ms whatever it does. A step that has not
 * ended after a whole limit of its own is cut off; after three of them so are those behind.
 * @param run does step `i`, and must not throw
 * @param cut is told of steps that were cut off
 */
export function batchRunner(
  timeoutMs: number,
): (count: number, run: (i: number) => void, cut: (i: number) => void) => void {
  let steps = (): void => undefined;
  const context = createContext({ steps: () => steps() });
  const script = new Script('steps()');
  return (count, run, cut) => {
    let at = 0;
    let timeouts = 0;
    steps = () => {
      for (; at < count; at++) run(at);
    };
    while (at < count) {
      const start = at;
      try {
        script.runInContext(context, { timeout: timeoutMs });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
        // Another record may have used up the time: this one gets its own.
        if (at > start) continue;
        cut(at++);
        if (++timeouts === MOST_TIMEOUTS) for (; at < count; at++) cut(at);
      }
    }
  };
}
