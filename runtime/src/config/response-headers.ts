/** `response.http.headers.config`: headers that every answer gets. */

/** A rule: `set X-Frame-Options: DENY`. */
export interface HeaderRule {
  /** Whether it goes beside a header of the same name, or in its place. */
  readonly add: boolean;
  readonly name: string;
  /** The value, or how many milliseconds from now the date that is the value. */
  readonly value: string | { readonly inMs: number };
}

/** An item of the list, in double quotes if it has commas. */
const ITEM = /\s*(?:"((?:[^"\\]|\\.)*)"\s*|([^,]*))(?:,|$)/y;
const RULE = /^(set|add|setDate|addDate)\s+([^\s:]+)\s*:\s*(.*)$/i;
/** What HTTP allows (RFC 9110, 5.1 and 5.5). */
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]+$/;

/** @throws Error that says what is wrong with which rule */
export function parseHeaderRules(text: string): readonly HeaderRule[] {
  return items(text).map((item) => {
    const [, action, name, value] = RULE.exec(item) ?? [];
    if (action === undefined || name === undefined || value === undefined)
      throw new Error(
        `the rule '${item}' must have the form 'action name: value', where action is one of set, add, setDate, addDate; a rule with a comma goes in double quotes`,
      );
    if (!NAME.test(name)) throw new Error(`'${name}' cannot be the name of a header`);
    const add = /^add/i.test(action);
    if (/date$/i.test(action)) {
      if (!/^-?\d{1,15}$/.test(value))
        throw new Error(`the rule '${item}' needs a number of milliseconds from now, not '${value}'`);
      return { add, name, value: { inMs: Number(value) } };
    }
    if (!VALUE.test(value)) throw new Error(`the rule '${item}' has no value that a header can have`);
    return { add, name, value };
  });
}

function items(text: string): readonly string[] {
  const found: string[] = [];
  for (ITEM.lastIndex = 0; ITEM.lastIndex < text.length; ) {
    const match = ITEM.exec(text);
    if (!match) throw new Error('a double quote is not closed');
    const item = (match[1]?.replace(/\\(.)/g, '$1') ?? match[2]!).trim();
    if (item !== '') found.push(item);
  }
  return found;
}

/** For a config definition: what is wrong with the rules. */
export function headerRulesProblem(text: string): string | undefined {
  try {
    parseHeaderRules(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
