import { ConfigError, type Field, fieldOf, getField, type Schema, string } from '@tributary/api';
import { requireMap, requireStruct } from './side.ts';
import { hasDefault } from './struct.ts';

export const fieldSyntaxVersion = {
  'field.syntax.version': string({
    default: 'V1',
    oneOf: ['V1', 'V2'],
    caseSensitive: false,
    importance: 'high',
    doc: 'How field names are read. V1: as one name. V2: as a path with dots into nested structs and maps; a name that has dots itself stands between backticks (`a.b`.c).',
  }),
};

const NESTED = 'nested field access';

/** The names along a path of syntax V2. @throws ConfigError for a backtick without its pair */
export function parseFieldPath(path: string): readonly string[] {
  const steps: string[] = [];
  let at = 0;
  while (at < path.length) {
    if (path[at] === '`') {
      const { name, end } = quotedStep(path, at);
      steps.push(name);
      at = end;
    } else {
      const dot = path.indexOf('.', at);
      steps.push(path.slice(at, dot < 0 ? undefined : dot));
      at = dot < 0 ? path.length : dot + 1;
    }
  }
  if (path === '' || path.endsWith('.')) steps.push('');
  return steps;
}

/** A name between backticks, up to the one that a dot or the end follows; a backslash before that one makes it part of the name. */
function quotedStep(path: string, open: number): { name: string; end: number } {
  let name = '';
  let start = open + 1;
  for (let at = path.indexOf('`', start); at >= 0; at = path.indexOf('`', at + 1)) {
    const last = at === path.length - 1;
    if (!last && path[at + 1] !== '.') continue;
    const escaped = path[at - 1] === '\\';
    if (!escaped) return { name: name + path.slice(start, at), end: at + 2 };
    if (last) break;
    name += `${path.slice(start, at - 1)}\``;
    start = at + 1;
  }
  throw new ConfigError(
    `Incomplete backtick pair in path: [${path}], consider adding a backslash before backtick at position ${open} to escape it`,
  );
}

/** The field at the end of the path, or undefined. */
export function fieldAt(schema: Schema, steps: readonly string[]): Field | undefined {
  let field: Field | undefined;
  let current: Schema | undefined = schema;
  for (const step of steps) {
    field = current && fieldOf(current, step);
    current = field?.schema;
  }
  return field;
}

/** Makes the reader of the value at a path in structs of a schema; null where something on the way is null. */
export function structReader(
  schema: Schema,
  steps: readonly string[],
  replaceNull: boolean,
): (struct: unknown) => unknown {
  const stages = steps.map((name, i) => {
    const owner = i === 0 ? schema : fieldAt(schema, steps.slice(0, i))!.schema;
    const field = fieldOf(owner, name)!;
    const last = i === steps.length - 1;
    // On the way defaults always count, as in Java.
    return { name, owner, forNull: hasDefault(field.schema) && (replaceNull || !last) ? field.schema.default : null };
  });
  return (struct) => {
    let current: unknown = struct;
    for (const { name, owner, forNull } of stages) {
      if (current === null) return null;
      current = getField(requireStruct(owner, current, NESTED), name) ?? forNull;
    }
    return current;
  };
}

/** Makes the reader of the value at a path in schemaless maps; null where there is none. */
export function mapReader(steps: readonly string[]): (map: unknown) => unknown {
  return (map) => {
    let current: unknown = map;
    for (const step of steps) {
      if (current === null) return null;
      current = getField(requireMap(current, NESTED), step) ?? null;
    }
    return current;
  };
}
