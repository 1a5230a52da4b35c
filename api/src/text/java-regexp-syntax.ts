import { DataError } from '../errors.ts';

const POSIX: Readonly<Record<string, string>> = {
  Lower: 'a-z',
  Upper: 'A-Z',
  ASCII: '\\x00-\\x7f',
  Alpha: 'a-zA-Z',
  Digit: '0-9',
  Alnum: 'a-zA-Z0-9',
  Punct: '\\x21-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\x7e',
  Graph: '\\x21-\\x7e',
  Print: '\\x20-\\x7e',
  Blank: '\\x20\\x09',
  Cntrl: '\\x00-\\x1f\\x7f',
  XDigit: '0-9a-fA-F',
  Space: '\\x20\\x09-\\x0d',
};
const HORIZONTAL = '\\x09\\x20\\xa0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000';
const VERTICAL = '\\x0a-\\x0d\\x85\\u2028\\u2029';
/** Classes that mean something else in JavaScript, or nothing. */
const CLASSES: Readonly<Record<string, string>> = {
  s: `[${POSIX.Space}]`,
  S: `[^${POSIX.Space}]`,
  h: `[${HORIZONTAL}]`,
  H: `[^${HORIZONTAL}]`,
  v: `[${VERTICAL}]`,
  V: `[^${VERTICAL}]`,
};
const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, r: 13, f: 12, a: 7, e: 27 };
const ASSERTIONS: Readonly<Record<string, string>> = {
  A: '(?<![\\s\\S])',
  z: '(?![\\s\\S])',
  Z: '(?=\\n?(?![\\s\\S]))',
  R: '(?:\\r\\n|[\\x0a-\\x0d\\x85\\u2028\\u2029])',
};

/** A character that stands for itself, in a spelling that has no other meaning anywhere. */
const literal = (code: number): string => {
  const char = String.fromCodePoint(code);
  return /[A-Za-z0-9]/.test(char) ? char : `\\u{${code.toString(16)}}`;
};

/** Rewrites a Java pattern for a JavaScript RegExp with the `v` flag. */
export class RegExpTranslator {
  readonly #pattern: string;
  #at = 0;
  #flags = 'v';

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  translate(): { source: string; flags: string } {
    const leading = /^\(\?([a-zA-Z]+)\)/.exec(this.#pattern);
    if (leading) {
      this.#flags += [...new Set(this.#supported(leading[1]!))].join('');
      this.#at = leading[0].length;
    }
    const source = this.#alternatives();
    if (this.#at < this.#pattern.length) throw this.#error('Unmatched closing )');
    return { source, flags: this.#flags };
  }

  #error(what: string): DataError {
    return new DataError(`${what} near index ${this.#at} of the regular expression '${this.#pattern}'`);
  }

  #supported(flags: string): string {
    const strange = /[^imsud]/.exec(flags);
    if (strange) throw this.#error(`The flag '${strange[0]}' is not supported`);
    return flags.replace(/[ud]/g, '');
  }

  #peek(text: string): boolean {
    return this.#pattern.startsWith(text, this.#at);
  }

  /** Up to the end of the group. */
  #alternatives(): string {
    let source = '';
    while (this.#at < this.#pattern.length && !this.#peek(')')) {
      if (this.#peek('|')) {
        source += '|';
        this.#at++;
        continue;
      }
      const flags = /^\(\?([a-zA-Z]*(?:-[a-zA-Z]+)?)\)/.exec(this.#pattern.slice(this.#at));
      if (flags) {
        this.#at += flags[0].length;
        return `${source}(?${this.#modifiers(flags[1]!)}:${this.#alternatives()})`;
      }
      const atom = this.#atom();
      source += atom + (atom === '' ? '' : this.#quantifier());
    }
    return source;
  }

  #modifiers(flags: string): string {
    const [on = '', off] = flags.split('-');
    const removed = off === undefined ? '' : this.#supported(off);
    return this.#supported(on) + (removed === '' ? '' : `-${removed}`);
  }

  #quantifier(): string {
    const match = /^(?:[*+?]|\{\d+(?:,\d*)?\})/.exec(this.#pattern.slice(this.#at));
    if (!match) return '';
    this.#at += match[0].length;
    if (this.#peek('+')) throw this.#error('The possessive quantifier has no equivalent in JavaScript');
    if (!this.#peek('?')) return match[0];
    this.#at++;
    return `${match[0]}?`;
  }

  #atom(): string {
    const char = this.#pattern[this.#at]!;
    switch (char) {
      case '(':
        return this.#group();
      case '[':
        return this.#class();
      case '\\':
        return this.#escape(false);
      case '.':
      case '^':
      case '$':
        this.#at++;
        return char;
      case '*':
      case '+':
      case '?':
        throw this.#error(`Dangling meta character '${char}'`);
      case '{':
        throw this.#error('Illegal repetition');
      default:
        return this.#literal();
    }
  }

  #literal(): string {
    const code = this.#pattern.codePointAt(this.#at)!;
    this.#at += code > 0xffff ? 2 : 1;
    return literal(code);
  }

  #group(): string {
    const rest = this.#pattern.slice(this.#at);
    let open = /^\((?:\?(?:[:=!]|<[=!]|<[A-Za-z][A-Za-z0-9]*>))?/.exec(rest)![0];
    const flags = /^\(\?([a-zA-Z]*(?:-[a-zA-Z]+)?):/.exec(rest);
    if (flags) {
      open = flags[0];
      this.#at += open.length;
      open = `(?${this.#modifiers(flags[1]!)}:`;
    } else {
      if (rest.startsWith('(?>')) throw this.#error('The atomic group has no equivalent in JavaScript');
      if (open === '(' && rest[1] === '?') throw this.#error('Unknown inline modifier');
      this.#at += open.length;
    }
    const source = `${open}${this.#alternatives()})`;
    if (!this.#peek(')')) throw this.#error('Unclosed group');
    this.#at++;
    return source;
  }

  #class(): string {
    this.#at++;
    const negated = this.#peek('^');
    if (negated) this.#at++;
    const operands: string[] = [];
    let items = '';
    let empty = true;
    for (;;) {
      if (this.#at >= this.#pattern.length) throw this.#error('Unclosed character class');
      if (this.#peek(']') && !empty) break;
      if (this.#peek('&&')) {
        this.#at += 2;
        if (items !== '') operands.push(items);
        items = '';
        if (this.#peek(']')) break;
        continue;
      }
      empty = false;
      items += this.#peek('[') ? this.#class() : this.#range();
    }
    this.#at++;
    if (items !== '') operands.push(items);
    const body = operands.length > 1 ? operands.map((operand) => `[${operand}]`).join('&&') : (operands[0] ?? '');
    return `[${negated ? '^' : ''}${body}]`;
  }

  #range(): string {
    const from = this.#member();
    const rest = this.#pattern.slice(this.#at);
    if (!/^-[^\][]/.test(rest) || rest.startsWith('-&&') || from.startsWith('[') || /^\\[pPdDwW]/.test(from))
      return from;
    this.#at++;
    return `${from}-${this.#member()}`;
  }

  #member(): string {
    return this.#peek('\\') ? this.#escape(true) : this.#literal();
  }

  #escape(inClass: boolean): string {
    const rest = this.#pattern.slice(this.#at + 1);
    const char = rest[0];
    if (char === undefined) throw this.#error('Unexpected internal error: a backslash at the end');
    const take = (length: number): void => {
      this.#at += 1 + length;
    };
    if (char === 'Q') return this.#quotation();
    if (char in CLASSES) {
      take(1);
      return CLASSES[char]!;
    }
    if (char in CONTROLS) {
      take(1);
      return literal(CONTROLS[char]!);
    }
    const code = /^(?:x([\da-fA-F]{2})|x\{([\da-fA-F]+)\}|u([\da-fA-F]{4}))/.exec(rest);
    const octal = /^0([0-3]?[0-7]{1,2})/.exec(rest);
    if (code || octal) {
      take((code ?? octal)![0].length);
      return literal(code ? Number.parseInt(code[1] ?? code[2] ?? code[3]!, 16) : Number.parseInt(octal![1]!, 8));
    }
    if (char === 'c' && rest.length > 1) {
      take(2);
      return literal(rest.charCodeAt(1) ^ 64);
    }
    if (/^[pP](?:\{|[A-Z])/.test(rest)) return this.#property(rest);
    if ('dDwW'.includes(char)) {
      take(1);
      return `\\${char}`;
    }
    if (!inClass) {
      const kept = /^(?:[bB]|[1-9]|k<[A-Za-z][A-Za-z0-9]*>)/.exec(rest);
      if (kept) {
        take(kept[0].length);
        return `\\${kept[0]}`;
      }
      if (char in ASSERTIONS) {
        take(1);
        return ASSERTIONS[char]!;
      }
    }
    if (/[A-Za-z0-9]/.test(char)) throw this.#error(`Illegal/unsupported escape sequence '\\${char}'`);
    this.#at++;
    return this.#literal();
  }

  #quotation(): string {
    const end = this.#pattern.indexOf('\\E', this.#at);
    const text = this.#pattern.slice(this.#at + 2, end < 0 ? undefined : end);
    this.#at = end < 0 ? this.#pattern.length : end + 2;
    return Array.from(text, (char) => literal(char.codePointAt(0)!)).join('');
  }

  #property(rest: string): string {
    const [whole, braced, short] = /^[pP](?:\{([^}]*)\}|([A-Z]))/.exec(rest) ?? [];
    if (whole === undefined) throw this.#error('Unclosed character family');
    this.#at += 1 + whole.length;
    const negated = whole[0] === 'P';
    const name = braced ?? short!;
    const posix = POSIX[name];
    if (posix !== undefined) return `[${negated ? '^' : ''}${posix}]`;
    const [, script] = /^(?:Is|script=|sc=|general_category=|gc=)(\w+)$/.exec(name) ?? [];
    for (const candidate of [name, script, `Script=${script}`, `gc=${script ?? name}`]) {
      const source = `\\${whole[0]}{${candidate}}`;
      if (candidate !== undefined && isProperty(source)) return source;
    }
    throw this.#error(`Unknown character property {${name}}`);
  }
}

function isProperty(source: string): boolean {
  try {
    return new RegExp(source, 'v') instanceof RegExp;
  } catch {
    return false;
  }
}
