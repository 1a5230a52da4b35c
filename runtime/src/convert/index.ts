import type { ConverterDefinition, HeaderConverterDefinition } from '@tributary/api';
import { byteArrayConverter, byteArrayHeaderConverter } from './byte-array-converter.ts';
import { jsonConverter, jsonHeaderConverter } from './json-converter.ts';
import { simpleHeaderConverter } from './simple-header-converter.ts';
import { stringConverter, stringHeaderConverter } from './string-converter.ts';

/** The converters that come with the runtime. One class may be there twice: as converter and as header converter. */
export const builtInConverters = [
  byteArrayConverter,
  jsonConverter,
  stringConverter,
  byteArrayHeaderConverter,
  jsonHeaderConverter,
  simpleHeaderConverter,
  stringHeaderConverter,
] as ReadonlyArray<ConverterDefinition | HeaderConverterDefinition>;
