import { ConfigError } from '@tributary/api';

/** A name of a field or map entry, or the place of an array's element (negative ones count from the end). */
export type PathStep = string | number;

const BARE = /\.([^.[\]\s'"]+)/y;
const INDEX = /\[(-?\d+)\]/y;
const QUOTED = /\[(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\]/y;

/**
 * The steps of a path such as `$.a.b[0]` or `$['odd name'][-1].c`; `$` alone is the whole.
 * @throws ConfigError that names the place where it is none
 */
export function parseJsonPath(path: string): readonly PathStep[] {
  if (!path.startsWith('$')) throw new ConfigError(`the path ${path} does not begin with $, as in $.a.b[0]`);
  const steps: PathStep[] = [];
  let at = 1;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(path);
    if (match) at += match[0].length;
    return match;
  };
  while (at < path.length) {
    const bare = take(BARE);
    const index = bare ? null : take(INDEX);
    const quoted = bare || index ? null : take(QUOTED);
    if (bare) steps.push(bare[1]!);
    else if (index) steps.push(Number(index[1]));
    else if (quoted) steps.push((quoted[1] ?? quoted[2]!).replace(/\\(.)/gs, '$1'));
    else {
      throw new ConfigError(
        `the path ${path} cannot be read from '${path.slice(at)}' on; steps are .name, ['name'] and [0], and each leads to one place`,
      );
    }
  }
  return steps;
}
