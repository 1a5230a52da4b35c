import {
  type Config,
  type ConfigDef,
  defineConverter,
  defineHeaderConverter,
  type Schema,
  type SchemaAndValue,
} from '@tributary/api';
import { VERSION } from './converter-config.ts';

/** Both directions of a converter that never has to wait. */
export interface Codec {
  write(topic: string, schema: Schema | null, value: unknown): Uint8Array | null;
  read(topic: string, bytes: Uint8Array | null): SchemaAndValue;
}

interface CodecClass<D extends ConfigDef> {
  readonly class: string;
  readonly doc: string;
  readonly config: D;
  /** @param what is converted, for error messages */
  create(options: Config<D>, what: 'key' | 'value' | 'header'): Codec;
}

/** One class as a converter, and as one of headers, where the header's key has no meaning. */
export function convertersOf<const D extends ConfigDef>({ create, ...about }: CodecClass<D>) {
  const info = { ...about, version: VERSION };
  const converter = defineConverter<D>({
    ...info,
    create(options, { isKey }) {
      const { read, write } = create(options, isKey ? 'key' : 'value');
      return { fromConnect: write, toConnect: read };
    },
  });
  const headerConverter = defineHeaderConverter<D>({
    ...info,
    create(options) {
      const { read, write } = create(options, 'header');
      return {
        fromConnectHeader: (topic, _key, schema, value) => write(topic, schema, value),
        toConnectHeader: (topic, _key, bytes) => read(topic, bytes),
      };
    },
  });
  return [converter, headerConverter] as const;
}
