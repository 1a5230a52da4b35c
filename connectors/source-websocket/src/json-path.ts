import { ConfigError } from '@tributary/api';
import { Fraction, nodeField } from '@tributary/api/json';

/** Reads the value at a path; undefined where there is none. */
export type Get = (node: unknown) => unknown;

const STEP = /(?:^|\.)([^.[\]]+)|\[(\d+|\*)\]/y;

type Step = string | number | '*';

function steps(path: string): readonly Step[] {
  const found: Step[] = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < path.length) {
    const match = STEP.exec(path);
    if (!match)
      throw new ConfigError(
        `'${path}' is no path into JSON: expected names with dots between them, and [0] or [*] for items of arrays`,
      );
    found.push(match[1] ?? (match[2] === '*' ? '*' : Number(match[2])));
  }
  return found;
}

/** A field, also of what the exact parser made a Map of; the plain case first, since it is on the way of each record. */
function field(node: unknown, name: string): unknown {
  if (typeof node !== 'object' || node === null) return undefined;
  if (node instanceof Map || Array.isArray(node)) return nodeField(node, name);
  return Object.hasOwn(node, name) ? (node as Record<string, unknown>)[name] : undefined;
}

/** A path to one value: `data.price`, `data[0].p`. The empty path is the whole. @throws ConfigError */
export function compilePath(path: string): Get {
  const all = steps(path);
  if (all.includes('*')) throw new ConfigError(`The path '${path}' must lead to one value: [*] has no place in it`);
  if (all.length === 1 && typeof all[0] === 'string') {
    const name = all[0];
    return (node) => field(node, name);
  }
  return (node) => all.reduce((so: unknown, step) => into(so, step as string | number), node);
}

function into(node: unknown, step: string | number): unknown {
  return typeof step === 'string' ? field(node, step) : Array.isArray(node) ? node[step] : undefined;
}

/** Some feeds write records as arrays: `[123, "te", 0.5]`. */
const isTuple = (array: readonly unknown[]): boolean =>
  array.length > 0 && array.every((one) => typeof one !== 'object' || one === null || one instanceof Fraction);

/** A record, and the message that it came in. */
export interface Scope {
  readonly message: unknown;
  record: unknown;
}

/** A path within a record or, if it begins with `$`, within the message. @throws ConfigError */
export function compileScoped(path: string): (scope: Scope) => unknown {
  if (!path.startsWith('$')) {
    const get = compilePath(path);
    return ({ record }) => get(record);
  }
  const get = compilePath(path.slice(path.startsWith('$.') ? 2 : 1));
  return ({ message }) => get(message);
}

/**
 * A path to any number of values: each `[*]` stands for all items of an array. What the path leads to is divided as well if it is an
 * array of objects or arrays; one of plain values is a record of its own. Where the path leads nowhere, or to null, there is nothing.
 * @throws ConfigError
 */
export function compileManyPath(path: string): (node: unknown) => readonly unknown[] {
  const all = steps(path);
  return (node) => {
    let so: readonly unknown[] = [node];
    for (const step of all) {
      so =
        step === '*'
          ? so.flatMap((one) => (Array.isArray(one) ? one : []))
          : so.map((one) => into(one, step)).filter((one) => one !== undefined && one !== null);
    }
    const [only] = so;
    return so.length === 1 && Array.isArray(only) && !isTuple(only) ? only : so;
  };
}
