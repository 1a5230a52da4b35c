import { ConfigError } from '@tributary/api';

/** What the placeholders of templates stand for. */
export interface TemplateValues {
  readonly symbols: readonly string[];
  /** `api.key` and `api.secret`; empty if they are not set. */
  readonly key: string;
  readonly secret: string;
}

/** Makes the messages of a template: one, or one for each symbol where it says `${symbol}`. */
export type Template = (values: TemplateValues) => readonly string[];

type Part = (values: TemplateValues, symbol: string, number: number) => string;
type Filter = (symbols: readonly string[]) => readonly string[];

const PLACEHOLDER = /\$\{([^{}]*)\}/g;
const EACH = /^symbol(\||$)/;

const FILTERS: Readonly<Record<string, (argument: string) => Filter>> = {
  lower: () => (symbols) => symbols.map((symbol) => symbol.toLowerCase()),
  upper: () => (symbols) => symbols.map((symbol) => symbol.toUpperCase()),
  prefix: (argument) => (symbols) => symbols.map((symbol) => argument + symbol),
  suffix: (argument) => (symbols) => symbols.map((symbol) => symbol + argument),
};

/**
 * Reads a template: `${symbols}` is a JSON array of the connection's symbols, `${symbol}` one of them, so that the message is sent for
 * each; `${number}` counts the messages from 1; `${api.key}` and `${api.secret}` are those of the config. Behind `symbol` and `symbols`
 * there may be filters: `${symbols|lower|suffix=@trade}`, and `join=,` at the end makes a text of the list.
 * @throws ConfigError
 */
export function compileTemplate(text: string): Template {
  const parts: Part[] = [];
  let each = false;
  let end = 0;
  for (const match of text.matchAll(PLACEHOLDER)) {
    const literal = text.slice(end, match.index);
    if (literal) parts.push(() => literal);
    parts.push(compilePart(match[1]!, text));
    each ||= EACH.test(match[1]!);
    end = match.index + match[0].length;
  }
  const rest = text.slice(end);
  if (rest) parts.push(() => rest);
  return (values) => {
    const symbols = each ? values.symbols : [''];
    return symbols.map((symbol, i) => parts.map((part) => part(values, symbol, i + 1)).join(''));
  };
}

function compilePart(expression: string, text: string): Part {
  const [name, ...filters] = expression.split('|');
  switch (name) {
    case 'number':
      return (_values, _symbol, number) => String(number);
    case 'api.key':
      return ({ key }) => key;
    case 'api.secret':
      return ({ secret }) => secret;
    case 'symbol': {
      const filter = compileFilters(filters, text);
      return (_values, symbol) => filter([symbol])[0]!;
    }
    case 'symbols': {
      const last = filters.at(-1)?.startsWith('join=') ? filters.pop()!.slice('join='.length) : null;
      const filter = compileFilters(filters, text);
      return ({ symbols }) => (last === null ? JSON.stringify(filter(symbols)) : filter(symbols).join(last));
    }
    default:
      throw new ConfigError(
        `'\${${expression}}' in the template ${text} is not known: there are symbol, symbols, number, api.key and api.secret`,
      );
  }
}

function compileFilters(filters: readonly string[], text: string): Filter {
  const steps = filters.map((filter) => {
    const at = filter.indexOf('=');
    const name = at < 0 ? filter : filter.slice(0, at);
    const make = Object.hasOwn(FILTERS, name) ? FILTERS[name] : undefined;
    if (!make)
      throw new ConfigError(
        `The filter '${name}' in the template ${text} is not known: there are ${Object.keys(FILTERS).join(', ')}, and join behind symbols`,
      );
    return make(at < 0 ? '' : filter.slice(at + 1));
  });
  return (symbols) => steps.reduce((so, step) => step(so), symbols);
}
