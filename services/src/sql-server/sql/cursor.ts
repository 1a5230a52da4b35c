import { type SqlError, sqlError } from '../engine/errors.ts';
import type { Query } from './ast.ts';
import { type Token, tokenize } from './tokenizer.ts';

/** Words that are no names unless quoted; the part of T-SQL's list that this parser meets. */
const RESERVED = new Set(
  (
    'ADD ALL ALTER AND AS ASC BEGIN BETWEEN BY CASE CHECK COLLATE COLUMN COMMIT CONSTRAINT CONVERT CREATE CROSS DATABASE DECLARE ' +
    'DEFAULT DELETE DESC DISTINCT DROP ELSE END EXEC EXECUTE EXISTS FETCH FOREIGN FROM FULL GROUP HAVING HOLDLOCK IF IN INDEX INNER ' +
    'INSERT INTO IS JOIN KEY LEFT LIKE MERGE NOT NULL NULLIF OF ON OR ORDER OUTER OVER PRIMARY PRINT REFERENCES RETURN RIGHT ROLLBACK SAVE SCHEMA ' +
    'SELECT SET TABLE THEN TO TOP TRAN TRANSACTION TRUNCATE TRY_CONVERT UNION UNIQUE UPDATE USE VALUES WAITFOR WHEN WHERE WHILE WITH'
  ).split(' '),
);

/** Walks through the tokens of a batch. */
export class Cursor {
  readonly sql: string;
  readonly #tokens: readonly Token[];
  readonly #query: (c: Cursor) => Query;
  #at = 0;

  /** @param query reads a query, for the expressions that hold one */
  constructor(sql: string, query: (c: Cursor) => Query) {
    this.sql = sql;
    this.#query = query;
    this.#tokens = tokenize(sql);
  }

  query(): Query {
    return this.#query(this);
  }

  get token(): Token {
    return this.#tokens[this.#at]!;
  }

  get ended(): boolean {
    return this.token.kind === 'end';
  }

  get previous(): Token {
    return this.#tokens[this.#at - 1] ?? this.token;
  }

  ahead(by: number): Token {
    return this.#tokens[Math.min(this.#at + by, this.#tokens.length - 1)]!;
  }

  next(): Token {
    const { token } = this;
    if (token.kind !== 'end') this.#at++;
    return token;
  }

  /** Whether these words or symbols come next. */
  is(...keys: readonly string[]): boolean {
    return keys.every((key, by) => this.ahead(by).key === key);
  }

  /** Takes these words or symbols if they come next. */
  take(...keys: readonly string[]): boolean {
    if (!this.is(...keys)) return false;
    this.#at += keys.length;
    return true;
  }

  expect(...keys: readonly string[]): void {
    for (const key of keys) if (!this.take(key)) throw this.unexpected();
  }

  /** Takes one of these words. */
  oneOf(...keys: readonly string[]): string {
    const { key } = this.token;
    if (!keys.includes(key)) throw this.unexpected();
    this.next();
    return key;
  }

  isName(): boolean {
    const { kind, key } = this.token;
    return kind === 'quoted' || (kind === 'word' && !RESERVED.has(key));
  }

  /** An identifier. */
  name(): string {
    if (!this.isName()) throw this.unexpected();
    return this.next().text;
  }

  /** A name of one to four parts; `db..table` has an empty one. */
  qualifiedName(): string[] {
    const parts = [this.name()];
    while (this.take('.')) {
      if (this.is('.')) parts.push('');
      else parts.push(this.name());
    }
    if (parts.length > 4) throw this.unexpected();
    return parts;
  }

  /** One or more, with commas between. */
  list<T>(read: () => T): T[] {
    const items = [read()];
    while (this.take(',')) items.push(read());
    return items;
  }

  /** A list in parentheses. */
  inParentheses<T>(read: () => T): T[] {
    this.expect('(');
    const items = this.list(read);
    this.expect(')');
    return items;
  }

  integer(): number {
    const { token } = this;
    if (token.kind !== 'number' || !/^[0-9]+$/.test(token.text)) throw this.unexpected();
    this.next();
    return Number(token.text);
  }

  /** The error that the next token is not what can stand here. */
  unexpected(): SqlError {
    const token = this.token.kind === 'end' ? this.previous : this.token;
    const error =
      token.kind === 'word' && RESERVED.has(token.key) ? sqlError(156, token.text) : sqlError(102, token.text);
    error.line = token.line;
    return error;
  }
}
