import type { ConverterDefinition, HeaderConverterDefinition } from '@tributary/api';
import { booleanConverter, booleanHeaderConverter } from './boolean-converter.ts';
import { byteArrayConverter, byteArrayHeaderConverter } from './byte-array-converter.ts';
import { jsonConverter, jsonHeaderConverter } from './json-converter.ts';
import { numberConverters } from './number-converters.ts';
import { simpleHeaderConverter } from './simple-header-converter.ts';
import { stringConverter, stringHeaderConverter } from './string-converter.ts';

/** The converters that come with the runtime. One class may be there twice: as converter and as header converter. */
export const builtInConverters = [
  booleanConverter,
  byteArrayConverter,
  jsonConverter,
  stringConverter,
  booleanHeaderConverter,
  byteArrayHeaderConverter,
  jsonHeaderConverter,
  simpleHeaderConverter,
  stringHeaderConverter,
  ...numberConverters,
] as ReadonlyArray<ConverterDefinition | HeaderConverterDefinition>;
