import { DataError } from '@tributary/api';
import { type CqlType, type NativeType, typeName } from '../cql/types.ts';
import type { CodecSettings } from '../settings/table-settings.ts';
import { items, map, tuple, userType, vector } from './collections.ts';
import { inet, timeuuid, uuid } from './identifiers.ts';
import { type InPlace, inPlaceOf } from './in-place.ts';
import type { Encode } from './misfit.ts';
import { bigint, decimal, double, float, integer, varint } from './numbers.ts';
import { duration, temporalCodecs } from './temporal.ts';
import { ascii, blob, boolean, text } from './texts.ts';

/** Types whose values all have one length in bytes: those of a vector stand without it. */
const FIXED_LENGTH: ReadonlySet<NativeType> = new Set([
  'bigint',
  'boolean',
  'double',
  'float',
  'int',
  'timestamp',
  'timeuuid',
  'uuid',
]);

/** Makes the encoders of column types, for values that are not null. */
export class Codecs {
  readonly #settings: CodecSettings;
  readonly #native: Readonly<Record<NativeType, Encode>>;

  /** @throws ConfigError for codec settings that mean nothing */
  constructor(settings: CodecSettings) {
    this.#settings = settings;
    this.#native = {
      ascii,
      bigint,
      blob,
      boolean,
      counter: () => {
        throw new DataError('counters are not written');
      },
      decimal,
      double,
      duration,
      float,
      inet,
      int: integer('int'),
      smallint: integer('smallint'),
      text,
      timeuuid,
      tinyint: integer('tinyint'),
      uuid,
      varint,
      ...temporalCodecs(settings),
    };
  }

  /** What writes most values of a column without a buffer for each; null: nothing does. */
  inPlaceOf(type: CqlType): InPlace | null {
    return inPlaceOf(type, this.#settings);
  }

  encoderOf(type: CqlType): Encode {
    switch (type.kind) {
      case 'native':
        return this.#native[type.name];
      case 'list':
      case 'set':
        return items(type.kind, this.encoderOf(type.item));
      case 'map':
        return map(this.encoderOf(type.key), this.encoderOf(type.value));
      case 'tuple':
        return tuple(type.items.map((item) => this.encoderOf(item)));
      case 'udt':
        return userType(
          type.name,
          type.fields,
          type.fields.map((field) => this.encoderOf(field.type)),
        );
      case 'vector':
        return vector(type.size, this.encoderOf(type.item), isFixed(type.item));
      case 'other':
        return () => {
          throw new DataError(`values of type ${typeName(type)} cannot be written`);
        };
    }
  }
}

const isFixed = (type: CqlType): boolean =>
  type.kind === 'native' ? FIXED_LENGTH.has(type.name) : type.kind === 'vector' && isFixed(type.item);
