import { type Converter, type Props, parseConfig } from '@tributary/api';
import type { Test } from 'tap';
import avroConverter from '../../src/avro/avro-converter.ts';

/** An AvroConverter for values (or keys) that is closed when the test ends. */
export function avro(t: Test, props: Props, isKey = false): Converter {
  const { config, errors } = parseConfig(avroConverter.config, { 'converter.type': isKey ? 'key' : 'value', ...props });
  t.strictSame([...errors.values()], []);
  const converter = avroConverter.create(config, { isKey });
  t.teardown(() => converter.close?.());
  return converter;
}
