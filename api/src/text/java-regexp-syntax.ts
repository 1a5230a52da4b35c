import { DataError } from '../errors.ts';
import { ASSERTIONS, CLASSES, CONTROLS, literal, otherCase, property, range } from './java-regexp-classes.ts';

/** Java's flags: case, multi-line, dot-all, Unix lines, Unicode case, comments. */
const FLAGS = 'imsdux';
const NO_FLAGS: ReadonlySet<string> = new Set();

/** What the translation of a pattern tells of it. */
export interface Translation {
  /** For a RegExp with the flag `v` alone. */
  readonly source: string;
  readonly groupCount: number;
  /** The numbers of the groups that have a name. */
  readonly groupNames: ReadonlyMap<string, number>;
}

/** Groups are named by their number, since those that stand in for atomic groups would shift it. */
export const groupName = (number: number): string => `g${number}`;

/** One character or set of them inside a class. */
interface Member {
  readonly source: string;
  /** Null for a set. */
  readonly code: number | null;
}

/**
 * Rewrites a Java pattern for a JavaScript RegExp with the `v` flag. Flags are written out, for JavaScript's are not quite the same
 * (and V8 24 lets `(?i:)` leak into the classes behind it).
 */
export class RegExpTranslator {
  readonly #pattern: string;
  #at = 0;
  #flags = NO_FLAGS;
  #groups = 0;
  #atomics = 0;
  readonly #names = new Map<string, number>();

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  /** @throws DataError for a pattern that Java refuses too, or one that JavaScript has no form for */
  translate(): Translation {
    const source = this.#alternatives();
    if (this.#at < this.#pattern.length) throw this.#error('Unmatched closing )');
    return { source, groupCount: this.#groups, groupNames: this.#names };
  }

  #error(what: string): DataError {
    return new DataError(`${what} near index ${this.#at} of the regular expression '${this.#pattern}'`);
  }

  #peek(text: string): boolean {
    return this.#pattern.startsWith(text, this.#at);
  }

  /** With the flag x, white space and comments mean nothing. */
  #skipComments(): void {
    if (!this.#flags.has('x')) return;
    const rest = /^(?:[ \t-\r]|#[^\n\r\u0085\u2028\u2029]*)+/.exec(this.#pattern.slice(this.#at));
    this.#at += rest?.[0].length ?? 0;
  }

  /** Up to the end of the group; flags set inside end with it. */
  #alternatives(): string {
    const outer = this.#flags;
    let source = '';
    for (;;) {
      this.#skipComments();
      if (this.#at >= this.#pattern.length || this.#peek(')')) break;
      const flags = /^\(\?([a-zA-Z]*(?:-[a-zA-Z]*)?)\)/.exec(this.#pattern.slice(this.#at));
      if (this.#peek('|')) {
        source += '|';
        this.#at++;
      } else if (flags) {
        this.#at += flags[0].length;
        this.#setFlags(flags[1]!);
      } else {
        const atom = this.#atom();
        source += atom === '' ? '' : this.#quantified(atom);
      }
    }
    this.#flags = outer;
    return source;
  }

  #setFlags(text: string): void {
    const [on = '', off = ''] = text.split('-');
    const strange = [...on, ...off].find((flag) => !FLAGS.includes(flag));
    if (strange) throw this.#error(`The flag '${strange}' is not supported`);
    this.#flags = new Set([...this.#flags, ...on].filter((flag) => !off.includes(flag)));
  }

  #quantified(atom: string): string {
    this.#skipComments();
    const match = /^(?:[*+?]|\{\d+(?:,\d*)?\})/.exec(this.#pattern.slice(this.#at));
    if (!match) return atom;
    this.#at += match[0].length;
    const suffix = this.#pattern[this.#at];
    if (suffix === '+' || suffix === '?') this.#at++;
    // JavaScript repeats no assertion by itself.
    const repeatable = /^\(\?<?[=!]/.test(atom) ? `(?:${atom})` : atom;
    const greedy = repeatable + match[0];
    return suffix === '+' ? this.#atomic(greedy) : suffix === '?' ? `${greedy}?` : greedy;
  }

  /** What matched once stays matched: JavaScript does that in assertions alone, so one looks ahead and its match is read again. */
  #atomic(source: string): string {
    const name = `a${++this.#atomics}`;
    return `(?:(?=(?<${name}>${source}))\\k<${name}>)`;
  }

  #atom(): string {
    const char = this.#pattern[this.#at]!;
    switch (char) {
      case '(':
        return this.#group();
      case '[':
        return this.#class();
      case '\\':
        return this.#escape();
      case '.':
        this.#at++;
        if (this.#flags.has('s')) return '[\\s\\S]';
        return this.#flags.has('d') ? '[^\\n]' : '[^\\n\\r\\x85\\u2028\\u2029]';
      case '^':
      case '$':
        this.#at++;
        return this.#anchor(char);
      case '*':
      case '+':
      case '?':
        throw this.#error(`Dangling meta character '${char}'`);
      case '{':
        throw this.#error('Illegal repetition');
      default:
        return this.#char(this.#code());
    }
  }

  #anchor(char: '^' | '$'): string {
    const end = this.#flags.has('d') ? '\\n' : '(?:\\r\\n|(?<!\\r)\\n|[\\r\\x85\\u2028\\u2029])';
    const multi = this.#flags.has('m');
    if (char === '$') return multi ? `(?=${end}|(?![\\s\\S]))` : `(?=${end}?(?![\\s\\S]))`;
    const lineStart = this.#flags.has('d') ? '(?<=\\n)' : '(?:(?<=[\\n\\x85\\u2028\\u2029])|(?<=\\r)(?!\\n))';
    // Not at the end of the text, even if that is its start too.
    return multi ? `(?:(?<![\\s\\S])|${lineStart})(?=[\\s\\S])` : '(?<![\\s\\S])';
  }

  #code(): number {
    const code = this.#pattern.codePointAt(this.#at)!;
    this.#at += code > 0xffff ? 2 : 1;
    return code;
  }

  /** A character that stands for itself, in either case if that is asked for. */
  #char(code: number): string {
    const other = this.#otherCase(code, code);
    return other === '' ? literal(code) : `[${literal(code)}${other}]`;
  }

  #otherCase(from: number, to: number): string {
    return this.#flags.has('i') ? otherCase(from, to, this.#flags.has('u')) : '';
  }

  #group(): string {
    const outer = this.#flags;
    const rest = this.#pattern.slice(this.#at);
    const [open, name] = /^\((?:\?(?:[:=!>]|<[=!]|<([A-Za-z][A-Za-z0-9]*)>))?/.exec(rest)!;
    const flags = /^\(\?([a-zA-Z]*(?:-[a-zA-Z]*)?):/.exec(rest);
    let start = open;
    if (flags) {
      this.#at += flags[0].length;
      this.#setFlags(flags[1]!);
      start = '(?:';
    } else {
      if (open === '(' && rest[1] === '?') throw this.#error('Unknown inline modifier');
      this.#at += open.length;
      if (open === '(' || name !== undefined) start = `(?<${groupName(this.#newGroup(name))}>`;
    }
    const body = this.#alternatives();
    this.#flags = outer;
    if (!this.#peek(')')) throw this.#error('Unclosed group');
    this.#at++;
    return open === '(?>' ? this.#atomic(body) : `${start}${body})`;
  }

  #newGroup(name: string | undefined): number {
    this.#groups++;
    if (name !== undefined) {
      if (this.#names.has(name)) throw this.#error(`Named capturing group <${name}> is already defined`);
      this.#names.set(name, this.#groups);
    }
    return this.#groups;
  }

  #class(): string {
    this.#at++;
    const negated = this.#peek('^');
    if (negated) this.#at++;
    const operands: string[] = [];
    let items = '';
    let empty = true;
    for (;;) {
      this.#skipComments();
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
    if (from.code === null) return from.source;
    const rest = this.#pattern.slice(this.#at);
    if (!/^-[^\][]/.test(rest) || rest.startsWith('-&&')) return from.source + this.#otherCase(from.code, from.code);
    this.#at++;
    const to = this.#member();
    if (to.code === null || to.code < from.code) throw this.#error('Illegal character range');
    return range(from.code, to.code) + this.#otherCase(from.code, to.code);
  }

  #member(): Member {
    if (!this.#peek('\\')) return one(this.#code());
    const code = this.#escapedCode();
    if (code !== undefined) return one(code);
    if (this.#peek('\\Q')) return { source: this.#quotation(), code: null };
    return { source: this.#set() ?? literal(this.#escapedSelf()), code: null };
  }

  #escape(): string {
    const rest = this.#pattern.slice(this.#at + 1);
    if (rest[0] === 'Q') return this.#quotation();
    const code = this.#escapedCode();
    if (code !== undefined) return this.#char(code);
    const set = this.#set();
    if (set !== undefined) return set;
    const named = /^k<([A-Za-z][A-Za-z0-9]*)>/.exec(rest);
    const reference = named ?? /^[1-9]/.exec(rest);
    if (reference) {
      const number = named ? this.#names.get(named[1]!) : Number(reference[0]);
      if (number === undefined) throw this.#error(`named capturing group <${named![1]}> does not exist`);
      this.#at += 1 + reference[0].length;
      // A group that is not there never matches.
      return number > this.#groups ? '(?!)' : `\\k<${groupName(number)}>`;
    }
    const assertion = ASSERTIONS[rest[0]!];
    if (assertion !== undefined) {
      this.#at += 2;
      return assertion;
    }
    return this.#char(this.#escapedSelf());
  }

  /** The code of an escape that is written as a number or by a letter of its own; undefined for another escape. */
  #escapedCode(): number | undefined {
    const rest = this.#pattern.slice(this.#at + 1);
    if (rest === '') throw this.#error('Unexpected internal error: a backslash at the end');
    const take = (length: number, code: number): number => {
      this.#at += 1 + length;
      return code;
    };
    const control = CONTROLS[rest[0]!];
    if (control !== undefined) return take(1, control);
    const hex = /^(?:x([\da-fA-F]{2})|x\{([\da-fA-F]+)\}|u([\da-fA-F]{4}))/.exec(rest);
    if (hex) return take(hex[0].length, Number.parseInt(hex[1] ?? hex[2] ?? hex[3]!, 16));
    const octal = /^0([0-3]?[0-7]{1,2})/.exec(rest);
    if (octal) return take(octal[0].length, Number.parseInt(octal[1]!, 8));
    return rest[0] === 'c' && rest.length > 1 ? take(2, rest.charCodeAt(1) ^ 64) : undefined;
  }

  /** An escape for a set of characters; undefined for another one. */
  #set(): string | undefined {
    const rest = this.#pattern.slice(this.#at + 1);
    const char = rest[0]!;
    if (/^[pP](?:\{|[A-Z])/.test(rest)) return this.#property(rest);
    if (!(char in CLASSES) && !'dDwW'.includes(char)) return undefined;
    this.#at += 2;
    return CLASSES[char] ?? `\\${char}`;
  }

  /** An escaped character that has no other meaning. */
  #escapedSelf(): number {
    const char = this.#pattern[this.#at + 1]!;
    if (/[A-Za-z0-9]/.test(char)) throw this.#error(`Illegal/unsupported escape sequence '\\${char}'`);
    this.#at++;
    return this.#code();
  }

  #quotation(): string {
    const end = this.#pattern.indexOf('\\E', this.#at);
    const text = this.#pattern.slice(this.#at + 2, end < 0 ? undefined : end);
    this.#at = end < 0 ? this.#pattern.length : end + 2;
    return Array.from(text, (char) => this.#char(char.codePointAt(0)!)).join('');
  }

  #property(rest: string): string {
    const [whole, braced, short] = /^[pP](?:\{([^}]*)\}|([A-Z]))/.exec(rest) ?? [];
    if (whole === undefined) throw this.#error('Unclosed character family');
    this.#at += 1 + whole.length;
    const name = braced ?? short!;
    const source = property(name, whole[0] === 'P', this.#flags.has('i'));
    if (source === undefined) throw this.#error(`Unknown character property {${name}}`);
    return source;
  }
}

const one = (code: number): Member => ({ source: literal(code), code });
