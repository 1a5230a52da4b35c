import { isContainer, type Schema } from '@tributary/api';
import { jsonText, plainText } from '@tributary/sink-kit';
import type { Column } from '../table/info.ts';
import { bytesIn } from './code-page.ts';
import { misfit } from './misfit.ts';

type Convert<T> = (value: unknown, schema: Schema | null) => T;

/** What a value is in a column of text: numbers with all their digits, times as ISO 8601, structs and arrays as JSON. */
function textOf(value: unknown, schema: Schema | null): string | undefined {
  return plainText(value, schema) ?? (Array.isArray(value) || isContainer(value) ? jsonText(value) : undefined);
}

const NO_TEXT = 'cannot be text; bytes belong into a varbinary column';

/** `nchar`, `nvarchar` and `ntext`: as many pairs of bytes as JavaScript counts. */
export function wideText(column: Column): Convert<string> {
  const limit = column.maxLength === -1 || column.type === 'ntext' ? Number.POSITIVE_INFINITY : column.maxLength / 2;
  return (value, schema) => {
    const text = textOf(value, schema);
    if (text === undefined) throw misfit(column, value, NO_TEXT);
    if (text.length > limit) throw misfit(column, value, `has ${text.length} characters, too many for the column`);
    return text;
  };
}

/** `char`, `varchar` and `text`: only characters of their code page, of which the server would make others without a word. */
export function narrowText(column: Column): Convert<string> {
  const limit = column.maxLength === -1 || column.type === 'text' ? Number.POSITIVE_INFINITY : column.maxLength;
  return (value, schema) => {
    const text = textOf(value, schema);
    if (text === undefined) throw misfit(column, value, NO_TEXT);
    const bytes = column.codePage === null ? text.length : bytesIn(text, column.codePage);
    if (bytes === undefined)
      throw misfit(column, value, `has characters that code page ${column.codePage} has not; make the column nvarchar`);
    if (bytes > limit) throw misfit(column, value, `takes ${bytes} bytes, too many for the column`);
    return text;
  };
}

const DECLARATION = /^\uFEFF?\s*<\?xml[^?]*\?>/;

/** Without its declaration: what encoding the text had once is no matter any more, and SQL Server stumbles over it. */
export function xml(column: Column): Convert<string> {
  return (value) => {
    if (typeof value !== 'string') throw misfit(column, value, 'is not XML');
    return value.replace(DECLARATION, '');
  };
}

/** Types that the server makes out of text: `json`, `vector`, `hierarchyid`, `geography`, `sql_variant`. */
export function anyText(column: Column): Convert<string> {
  return (value, schema) => {
    const json = column.type === 'json' && typeof value !== 'string';
    const text = json ? jsonText(value) : textOf(value, schema);
    if (text === undefined) throw misfit(column, value, 'cannot be text, of which the server could make such a value');
    return text;
  };
}

const GUID = /^\{?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\}?$/i;

export function guid(column: Column): Convert<string> {
  return (value) => {
    const match = typeof value === 'string' ? GUID.exec(value.trim()) : null;
    if (!match) throw misfit(column, value, 'is not a GUID such as 0f8fad5b-d9cb-469f-a165-70867728950e');
    return match[1]!.toUpperCase();
  };
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Bytes, or Base64, which JSON has in their place. */
export function binary(column: Column): Convert<Buffer> {
  const limit = column.maxLength === -1 || column.type === 'image' ? Number.POSITIVE_INFINITY : column.maxLength;
  return (value, schema) => {
    const bytes = bytesOf(value, schema);
    if (bytes === undefined) throw misfit(column, value, 'is neither bytes nor Base64');
    if (bytes.length > limit) throw misfit(column, value, `has ${bytes.length} bytes, too many for the column`);
    return bytes;
  };
}

function bytesOf(value: unknown, schema: Schema | null): Buffer | undefined {
  if (value instanceof Uint8Array)
    return Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return typeof value === 'string' && schema === null && BASE64.test(value) ? Buffer.from(value, 'base64') : undefined;
}
