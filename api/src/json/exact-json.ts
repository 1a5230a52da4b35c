import { isReorderedKey } from '../struct.ts';

/** As deep as Jackson goes; a limit keeps hostile input off the stack. */
export const MAX_DEPTH = 1000;

/** As long as Jackson takes numbers. */
const MAX_DIGITS = 1000;
/** As java.math.BigDecimal has it. */
const MAX_EXPONENT = 2 ** 31 - 1;

/** A number with a fraction or an exponent, as it was written. Only {@link parseExactJson} with `keepFractions` makes these. */
export class Fraction {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }

  /** The nearest number; nothing has no sign here, as in Java, where such text is a BigDecimal first. */
  toNumber(): number {
    const number = Number(this.text);
    return number === 0 && !/^-?[0.]*[1-9]/.test(this.text) ? 0 : number;
  }
}

/** Where and why a text is not JSON. */
export class JsonSyntaxError extends Error {
  readonly position: number;
  constructor(what: string, position: number) {
    super(`${what} at position ${position}`);
    this.position = position;
  }
}

/**
 * Whether JSON.parse may have lost, reordered or allowed something that it should not: integers beyond 2^53, minus zero, infinity, keys
 * that objects sort to the front, `__proto__`, and nesting. May be true without need, never false in need.
 */
function isDelicate(value: unknown, depth: number): boolean {
  if (typeof value === 'number') return isDelicateNumber(value);
  if (typeof value !== 'object' || value === null) return false;
  if (depth > MAX_DEPTH) return true;
  if (Array.isArray(value)) return value.some((item) => isDelicate(item, depth + 1));
  let first = true;
  for (const key in value) {
    // Keys that are sorted come first; the regular expression is not worth asking about most.
    if (key === '__proto__' || (first && key.charCodeAt(0) <= NINE && isReorderedKey(key))) return true;
    first = false;
    const item = (value as Record<string, unknown>)[key];
    if (typeof item === 'number' ? isDelicateNumber(item) : typeof item === 'object' && isDelicate(item, depth + 1))
      return true;
  }
  return false;
}

const NINE = 0x39;

/** Minus zero, or a number that may have been rounded, to infinity even. */
function isDelicateNumber(value: number): boolean {
  if (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER) return true;
  return value === 0 && Object.is(value, -0);
}

/** Parses what is JSON for Kafka Connect; the fast way where that is exact. @throws JsonSyntaxError */
export function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The exact parser accepts leading zeros, and tells the position of an error in the same way on every version of Node.
    return parseExactJson(text, false);
  }
  return isDelicate(value, 1) || hasDoubtfulKeys(value, text) ? parseExactJson(text, false) : value;
}

/**
 * Whether a key of what JSON.parse made of the text may be another than was written. V8 compares the text of a key, escapes and all,
 * with the key that it expects from objects before: after `{"x":1,"\\":2}` it reads `{"x":1,"\u00e9":3}` as `{"x":1,"\\":3}` (seen with
 * Node.js 24.21, not with 20.20). Such a key has a backslash.
 */
export function hasDoubtfulKeys(value: unknown, text: string): boolean {
  return text.includes('\\') && hasBackslash(value, 1);
}

function hasBackslash(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (depth > MAX_DEPTH) return true;
  if (Array.isArray(value)) return value.some((item) => hasBackslash(item, depth + 1));
  return Object.entries(value).some(([key, item]) => key.includes('\\') || hasBackslash(item, depth + 1));
}

/**
 * Parses JSON without loss: integers that no number can hold become bigints, objects whose keys a plain object would reorder
 * or misread become Maps. Leading zeros are allowed, as in Kafka Connect; the last of equal keys wins.
 * @param keepFractions gives numbers with a fraction or exponent as {@link Fraction} instead of number
 */
export function parseExactJson(text: string, keepFractions: boolean): unknown {
  return new Parser(text, keepFractions).parse();
}

const WHITE = /[ \t\r\n]*/y;
const NUMBER = /-?\d+(\.\d+)?([eE][+-]?\d+)?/y;
const WORD = /[\w$]+/y;
const QUOTE = 0x22;

class Parser {
  readonly #text: string;
  readonly #keepFractions: boolean;
  #at = 0;

  constructor(text: string, keepFractions: boolean) {
    this.#text = text;
    this.#keepFractions = keepFractions;
  }

  parse(): unknown {
    const value = this.#value(0);
    this.#skip();
    if (this.#at < this.#text.length) throw this.#unexpected('after the end of the value');
    return value;
  }

  #skip(): void {
    const code = this.#text.charCodeAt(this.#at);
    if (code > 0x20) return;
    WHITE.lastIndex = this.#at;
    WHITE.test(this.#text);
    this.#at = WHITE.lastIndex;
  }

  #unexpected(where = ''): JsonSyntaxError {
    const rest = this.#text.slice(this.#at);
    if (rest === '') return new JsonSyntaxError('Unexpected end of JSON', this.#at);
    WORD.lastIndex = this.#at;
    const found = WORD.exec(this.#text)?.[0] ?? String.fromCodePoint(rest.codePointAt(0)!);
    const shown = found.length > 30 ? `${found.slice(0, 30)}...` : found;
    return new JsonSyntaxError(`Unexpected '${shown}'${where && ` ${where}`}`, this.#at);
  }

  #value(depth: number): unknown {
    this.#skip();
    switch (this.#text.charCodeAt(this.#at)) {
      case 0x7b:
        return this.#object(depth + 1);
      case 0x5b:
        return this.#array(depth + 1);
      case QUOTE:
        return this.#string();
      case 0x74:
        return this.#literal('true', true);
      case 0x66:
        return this.#literal('false', false);
      case 0x6e:
        return this.#literal('null', null);
      default:
        return this.#number();
    }
  }

  #literal(word: string, value: unknown): unknown {
    WORD.lastIndex = this.#at;
    if (WORD.exec(this.#text)?.[0] !== word) throw this.#unexpected();
    this.#at += word.length;
    return value;
  }

  #number(): unknown {
    NUMBER.lastIndex = this.#at;
    const match = NUMBER.exec(this.#text);
    if (!match) throw this.#unexpected();
    this.#at = NUMBER.lastIndex;
    const text = match[0];
    if (text.length > MAX_DIGITS) throw new JsonSyntaxError(`A number of more than ${MAX_DIGITS} characters`, this.#at);
    if (match[2] !== undefined && Math.abs(Number(match[2].slice(1))) > MAX_EXPONENT)
      throw new JsonSyntaxError('A number whose exponent is out of range', this.#at);
    if (match[1] !== undefined || match[2] !== undefined)
      return this.#keepFractions ? new Fraction(text) : new Fraction(text).toNumber();
    const number = Number(text);
    if (Number.isSafeInteger(number)) return number === 0 ? 0 : number;
    return BigInt(text);
  }

  #string(): string {
    const start = this.#at;
    const text = this.#text;
    let end = start + 1;
    for (;;) {
      end = text.indexOf('"', end);
      if (end < 0) {
        this.#at = text.length;
        throw new JsonSyntaxError('Unexpected end of JSON in a string', this.#at);
      }
      let slashes = 0;
      while (text.charCodeAt(end - 1 - slashes) === 0x5c) slashes++;
      if (slashes % 2 === 0) break;
      end++;
    }
    this.#at = end + 1;
    const literal = text.slice(start, end + 1);
    try {
      return JSON.parse(literal) as string;
    } catch {
      throw new JsonSyntaxError('Invalid escape or raw control character in the string', start);
    }
  }

  #array(depth: number): unknown[] {
    this.#enter(depth);
    const items: unknown[] = [];
    if (this.#closes(0x5d)) return items;
    for (;;) {
      items.push(this.#value(depth));
      if (this.#closes(0x5d)) return items;
      this.#expect(0x2c);
    }
  }

  #object(depth: number): Record<string, unknown> | Map<string, unknown> {
    this.#enter(depth);
    const plain: Record<string, unknown> = {};
    let map: Map<string, unknown> | undefined;
    if (this.#closes(0x7d)) return plain;
    for (;;) {
      this.#skip();
      if (this.#text.charCodeAt(this.#at) !== QUOTE) throw this.#unexpected('where a key should be');
      const key = this.#string();
      this.#expect(0x3a);
      const value = this.#value(depth);
      if (!map && (key === '__proto__' || isReorderedKey(key))) map = new Map(Object.entries(plain));
      if (map) map.set(key, value);
      else plain[key] = value;
      if (this.#closes(0x7d)) return map ?? plain;
      this.#expect(0x2c);
    }
  }

  #enter(depth: number): void {
    if (depth > MAX_DEPTH) throw new JsonSyntaxError(`Nested deeper than ${MAX_DEPTH} levels`, this.#at);
    this.#at++;
  }

  #closes(code: number): boolean {
    this.#skip();
    if (this.#text.charCodeAt(this.#at) !== code) return false;
    this.#at++;
    return true;
  }

  #expect(code: number): void {
    this.#skip();
    if (this.#text.charCodeAt(this.#at) !== code)
      throw this.#unexpected(`where '${String.fromCharCode(code)}' should be`);
    this.#at++;
  }
}
