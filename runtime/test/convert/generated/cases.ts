/** What both are asked, and how their answers compare. */
import {
  type ConverterDefinition,
  type HeaderConverterDefinition,
  parseConfig,
  type Schema,
  type SchemaAndValue,
} from '@tributary/api';
import fc from 'fast-check';
import {
  type Answer,
  comparable,
  comparableSchema,
  encodeSchema,
  encodeValue,
} from '../../../../transforms/test/oracle/oracle.ts';
import { builtInConverters } from '../../../src/convert/index.ts';
import type { Difference } from './accepted.ts';
import type { Props, Suite } from './suites.ts';
import type { Typed } from './values.ts';

interface Both {
  write(schema: Schema | null, value: unknown): Uint8Array | null;
  read(bytes: Uint8Array): SchemaAndValue;
}

/** Converters that serve headers too are tried as both. */
function create({ class: name, kind }: Suite, props: Props, asHeader: boolean): Both {
  const wanted = asHeader ? 'header_converter' : kind;
  const definition = builtInConverters.find((found) => found.kind === wanted && found.class === name)!;
  const { config, errors } = parseConfig(definition.config, {
    'converter.type': asHeader ? 'header' : 'value',
    ...props,
  });
  if (errors.size > 0) throw new Error([...errors.values()].join());
  if (asHeader) {
    const converter = (definition as HeaderConverterDefinition).create(config);
    return {
      write: (schema, value) => converter.fromConnectHeader('t', 'h', schema, value),
      read: (bytes) => converter.toConnectHeader('t', 'h', bytes),
    };
  }
  const converter = (definition as ConverterDefinition).create(config, { isKey: false });
  return {
    write: (schema, value) => converter.fromConnect('t', schema, value) as Uint8Array | null,
    read: (bytes) => converter.toConnect('t', bytes) as SchemaAndValue,
  };
}

export interface Case {
  readonly suite: Suite;
  readonly props: Props;
  readonly ask: object;
  readonly text: string;
  readonly direction: 'fromConnect' | 'toConnect';
  ours(): unknown;
  expected(answer: Answer): unknown;
}

/** Stands for an error. */
export const failed = Symbol('failed');
const base64 = (bytes: Uint8Array | null): string | null => bytes && Buffer.from(bytes).toString('base64');

/** So many values to write and as many bytes to read; the same seed gives the same ones. */
export function casesOf(suite: Suite, seed: number, cases: number): Case[] {
  const instances = [false, true].map((asHeader) =>
    asHeader || suite.kind === 'converter' ? suite.configs.map((props) => create(suite, props, asHeader)) : [],
  );
  const place = (i: number) => {
    const which = i % suite.configs.length;
    const asHeader = suite.kind === 'header_converter' || i % 5 === 0;
    const props = suite.configs[which]!;
    const ask = { class: suite.class, config: { ...props, 'converter.type': asHeader ? 'header' : 'value' } };
    return { suite, props, asHeader, ask, converter: instances[Number(asHeader)]![which]! };
  };
  const values: Typed[] = [];
  for (let i = 0; values.length < cases; i++)
    values.push(...fc.sample(suite.values, { seed: seed + i, numRuns: cases - values.length }).flat());
  const bytes = fc.sample(suite.bytes, { seed, numRuns: cases });
  return [
    ...values.map(([schema, value], i): Case => {
      const { ask, asHeader, converter, ...rest } = place(i);
      const encoded = encodeValue(fitting(schema, value) ? schema : null, value);
      return {
        ...rest,
        ask: {
          ...ask,
          op: asHeader ? 'fromHeader' : 'fromConnect',
          isKey: false,
          topic: 't',
          schema: encodeSchema(schema),
          value: encoded,
        },
        text: '',
        direction: 'fromConnect',
        ours: () => base64(converter.write(schema, value)),
        expected: (answer) => answer.bytes ?? null,
      };
    }),
    ...bytes.map((input, i): Case => {
      const { ask, asHeader, converter, ...rest } = place(i);
      return {
        ...rest,
        ask: { ...ask, op: asHeader ? 'toHeader' : 'toConnect', isKey: false, topic: 't', bytes: base64(input) },
        text: Buffer.from(input).toString(),
        direction: 'toConnect',
        ours: () => {
          const { schema, value } = converter.read(Buffer.from(input));
          return {
            schema: comparableSchema(encodeSchema(schema)),
            value: comparable(encodeValue(schema, value)),
          };
        },
        expected: (answer) => ({ schema: comparableSchema(answer.schema), value: comparable(answer.value) }),
      };
    }),
  ];
}

/** Whether a value is of the kind that its schema asks for; a number of another kind goes to Java as what it is. */
function fitting(schema: Schema | null, value: unknown): boolean {
  if (typeof value !== 'number' && typeof value !== 'bigint') return true;
  return schema !== null && /^(int|float)/.test(schema.type);
}

export type Outcome = Difference['java'];

/** @throws what is no answer but a mistake of ours */
export function attempt(make: () => unknown): Outcome {
  try {
    return { result: make() };
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'DataError' || error.cause instanceof TypeError) throw error;
    return { result: failed, message: error.message };
  }
}

/** In a form that a person reads. */
export function shown({ text, direction, java, ours, props }: Difference): object {
  const side = ({ result, message }: Outcome): unknown =>
    result === failed
      ? `fails: ${message}`
      : direction === 'fromConnect' && typeof result === 'string'
        ? Buffer.from(result, 'base64').toString()
        : result;
  return { props, text, java: side(java), ours: side(ours) };
}
