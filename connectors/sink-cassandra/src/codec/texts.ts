import { decimalToString, isDecimal } from '@tributary/api';
import { Fraction } from '@tributary/api/json';
import { jsonText } from '@tributary/sink-kit';
import { type Encode, misfit } from './misfit.ts';

export const text: Encode = (value) => {
  const string = typeof value === 'string' ? value : textOf(value);
  // A lone surrogate has no bytes: Node would write U+FFFD in its place.
  if (!string.isWellFormed()) misfit(value, 'text', 'it has half of a surrogate pair, which UTF-8 cannot express');
  return Buffer.from(string);
};

/** Values that are no text, in the notation that reads back as the same. */
function textOf(value: unknown): string {
  if (value instanceof Uint8Array) return misfit(value, 'text', 'make the column a blob');
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? misfit(value, 'text') : value.toISOString();
  if (isDecimal(value)) return decimalToString(value);
  if (typeof value === 'object') return jsonText(value, exactText);
  return String(value);
}

function exactText(value: unknown): string | undefined {
  if (value instanceof Fraction) return value.text;
  return isDecimal(value) ? decimalToString(value) : undefined;
}

export const ascii: Encode = (value) => {
  const bytes = text(value);
  if (bytes.some((byte) => byte > 127)) misfit(value, 'ascii', 'it has characters beyond ASCII; make the column text');
  return bytes;
};

const HEX = /^0[xX](?:[\da-fA-F]{2})*$/;
const BASE64 = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}(?:==)?|[A-Za-z\d+/]{3}=?)?$/;

/** Bytes, or text: hexadecimal behind `0x`, base64 without. */
export const blob: Encode = (value) => {
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (typeof value !== 'string')
    return misfit(value, 'blob', 'it takes bytes, or text in base64 or, behind 0x, in hex');
  if (HEX.test(value)) return Buffer.from(value.slice(2), 'hex');
  if (!BASE64.test(value)) misfit(value, 'blob', 'it is neither base64 nor, behind 0x, hexadecimal');
  return Buffer.from(value, 'base64');
};

const TRUE = new Set(['true', 't', 'yes', 'y', '1']);
const FALSE = new Set(['false', 'f', 'no', 'n', '0']);
const [YES, NO] = [Buffer.from([1]), Buffer.from([0])];

export const boolean: Encode = (value) => {
  if (value === true || value === 1) return YES;
  if (value === false || value === 0) return NO;
  const word = typeof value === 'string' ? value.trim().toLowerCase() : '';
  if (TRUE.has(word)) return YES;
  return FALSE.has(word) ? NO : misfit(value, 'boolean', 'it takes true or false');
};
