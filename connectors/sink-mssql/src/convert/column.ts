import type { Schema } from '@tributary/api';
import { type Column, declaration } from '../table/info.ts';
import { bit, decimal, float, integer } from './numbers.ts';
import { anyText, binary, guid, narrowText, wideText, xml } from './texts.ts';
import { date, dateTime, dateTimeOffset, time, type Zones } from './times.ts';

/** A value in the form in which the driver sends it without loss. */
export type Staged = string | number | bigint | boolean | Buffer;

/** The types of columns that values are loaded into before the server converts them. */
export type StagedType =
  | { readonly type: 'int' | 'bigint' | 'bit' | 'float' | 'real' | 'uniqueidentifier' }
  /** In characters or bytes; null is `max`. */
  | { readonly type: 'nvarchar' | 'varbinary'; readonly length: number | null };

/** How values come into one column. */
export interface ColumnWriter {
  readonly staged: StagedType;
  /** The type that the server casts to; null if that of the staged value is good enough. */
  readonly cast: string | null;
  /** A type to cast to before that. */
  readonly via: string | null;
  /** @throws Misfit for a value that the column cannot hold; never called with null */
  convert(value: unknown, schema: Schema | null): Staged;
}

const writer = (staged: StagedType, convert: ColumnWriter['convert'], cast: string | null = null): ColumnWriter => ({
  staged,
  cast,
  via: null,
  convert,
});

/** Long enough for any number or time as text. */
const SHORT_TEXT: StagedType = { type: 'nvarchar', length: 50 };
const LONG_TEXT: StagedType = { type: 'nvarchar', length: null };
/** The longest that is not `max`, in characters. */
const MAX_NVARCHAR = 4000;

/**
 * Decimals and times travel as text, of which the server makes the column's type: the driver has neither 38 digits nor an offset, and
 * the forms of ISO 8601 mean the same whatever the session's language.
 */
export function columnWriter(column: Column, zones: Zones): ColumnWriter {
  const type = declaration(column);
  switch (column.type) {
    case 'tinyint':
    case 'smallint':
    case 'int':
      return writer({ type: 'int' }, integer(column));
    case 'bigint':
      return writer({ type: 'bigint' }, integer(column));
    case 'bit':
      return writer({ type: 'bit' }, bit(column));
    case 'float':
      return writer({ type: 'float' }, float(column));
    case 'real':
      return writer({ type: 'real' }, float(column));
    case 'decimal':
    case 'numeric':
    case 'money':
    case 'smallmoney':
      return writer(SHORT_TEXT, decimal(column), type);
    case 'date':
      return writer(SHORT_TEXT, date(column, zones), type);
    case 'time':
      return writer(SHORT_TEXT, time(column, zones), type);
    case 'datetime2':
      return writer(SHORT_TEXT, dateTime(column, zones), type);
    case 'datetime':
    case 'smalldatetime':
      // Text with more than three digits of a second is no datetime.
      return { ...writer(SHORT_TEXT, dateTime(column, zones), type), via: 'datetime2(7)' };
    case 'datetimeoffset':
      return writer(SHORT_TEXT, dateTimeOffset(column, zones), type);
    case 'nchar':
    case 'nvarchar':
      return writer(textType(column, column.maxLength / 2), wideText(column), column.type === 'nchar' ? type : null);
    case 'ntext':
      return writer(LONG_TEXT, wideText(column));
    case 'char':
    case 'varchar':
      return writer(textType(column, column.maxLength), narrowText(column), type);
    case 'text':
      return writer(LONG_TEXT, narrowText(column));
    case 'binary':
    case 'varbinary':
      return writer(
        { type: 'varbinary', length: column.maxLength === -1 ? null : column.maxLength },
        binary(column),
        column.type === 'binary' ? type : null,
      );
    case 'image':
      return writer({ type: 'varbinary', length: null }, binary(column));
    case 'uniqueidentifier':
      return writer({ type: 'uniqueidentifier' }, guid(column));
    case 'xml':
      return writer(LONG_TEXT, xml(column), type);
    case 'sql_variant':
      return writer({ type: 'nvarchar', length: MAX_NVARCHAR }, anyText(column));
    case 'vector':
      // Its dimensions are not among what the catalog says of all types.
      return writer(LONG_TEXT, anyText(column));
    default:
      return writer(LONG_TEXT, anyText(column), type);
  }
}

function textType({ maxLength }: Column, characters: number): StagedType {
  return { type: 'nvarchar', length: maxLength === -1 || characters > MAX_NVARCHAR ? null : characters };
}
