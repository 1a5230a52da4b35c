import {
  boolean,
  type Definition,
  defineConverter,
  defineTransform,
  type Logger,
  RetriableError,
  Schema,
  type TransformDefinition,
} from '@tributary/api';
import t from 'tap';
import type { RecordRead } from '../../src/broker/port.ts';
import { builtInConverters } from '../../src/convert/index.ts';
import { type PreviewOptions, preview } from '../../src/pipeline/preview.ts';
import { openRegistry } from '../../src/plugins/registry.ts';

const split = defineTransform({
  class: 'test.Split',
  version: '1',
  doc: 'One record for each character.',
  config: {},
  asynchronous: true,
  create: () => async (records) =>
    records.map((record) => [...String(record.value)].map((value) => ({ ...record, value }))),
});
const refuseB = defineTransform({
  class: 'test.RefuseB',
  version: '1',
  doc: 'Fails on b, drops c.',
  config: {},
  create: () => (record) => {
    if (record.value === 'b') throw new RetriableError('b is not wanted');
    return record.value === 'c' ? null : { ...record, value: `${record.value}!` };
  },
});
const hang = defineTransform({
  class: 'test.Hang',
  version: '1',
  doc: 'Never answers.',
  config: {},
  asynchronous: true,
  create: () => () => new Promise<never>(() => {}),
});
const toNumber = defineTransform({
  class: 'test.ToNumber',
  version: '1',
  doc: 'Makes a number of the length.',
  config: {},
  create: () => (record) => ({ ...record, value: String(record.value).length, valueSchema: Schema.int32() }),
});
const registering: string[] = [];
const registry = defineConverter({
  class: 'test.RegistryConverter',
  version: '1',
  doc: 'Registers schemas, unless told not to.',
  config: { 'auto.register.schemas': boolean({ default: true, doc: 'Whether to register schemas.' }) },
  create: (config) => ({
    fromConnect: (_topic, _schema, value) => {
      if (config['auto.register.schemas']) registering.push(String(value));
      return Buffer.from(String(value));
    },
    toConnect: async (_topic, bytes) => ({ schema: null, value: bytes && Buffer.from(bytes).toString() }),
  }),
});

const fail = (message: string): never => {
  throw new Error(message);
};
/** Nothing is to be logged. */
const log: Logger = { trace: fail, debug: fail, info: fail, warn: fail, error: fail };

const STRINGS = {
  'key.converter': 'StringConverter',
  'value.converter': 'StringConverter',
  'header.converter': 'SimpleHeaderConverter',
};

const record = (value: string): RecordRead => ({
  topic: 't',
  partition: 0,
  offset: 0,
  timestamp: -1,
  timestampType: 'NoTimestampType',
  key: null,
  value: Buffer.from(value),
  headers: [],
});

async function run(
  types: Readonly<Record<string, TransformDefinition>>,
  values: string[],
  more: Partial<PreviewOptions> = {},
) {
  const builtIn = [...builtInConverters, registry, split, refuseB, hang, toNumber] as readonly Definition[];
  const props = {
    ...STRINGS,
    transforms: Object.keys(types).join(),
    ...Object.fromEntries(Object.entries(types).map(([alias, type]) => [`transforms.${alias}.type`, type.class])),
    ...more.props,
  };
  const answer = await preview({
    registry: await openRegistry({ pluginPath: [], from: [], builtIn }),
    workerProps: {},
    direction: 'sink',
    records: values.map(record),
    timeoutMs: 60_000,
    log,
    ...more,
    props,
  });
  const text = (bytes: Uint8Array | null): string | null => bytes && Buffer.from(bytes).toString();
  return answer.map(({ input, outcome, state, steps, transform, error }) => ({
    input,
    outcome,
    value: text(state.value),
    steps: steps.map((step) => `${step.transform}:${step.error ? step.error.stage : text(step.state.value)}`),
    transform,
    error,
  }));
}

t.test('a record that becomes several is followed in all that it becomes', async (t) => {
  t.strictSame(await run({ split, refuseB } as never, ['abc', 'd']), [
    {
      input: 0,
      outcome: 'failed',
      value: 'b',
      steps: ['split:b'],
      transform: 'refuseB',
      error: { stage: 'TRANSFORMATION', message: 'b is not wanted [test.RefuseB]' },
    },
    { input: 0, outcome: 'filtered', value: 'c', steps: ['split:c'], transform: 'refuseB', error: null },
    { input: 0, outcome: 'emitted', value: 'a!', steps: ['split:a', 'refuseB:a!'], transform: null, error: null },
    { input: 1, outcome: 'emitted', value: 'd!', steps: ['split:d', 'refuseB:d!'], transform: null, error: null },
  ]);
  t.match(await run({ split } as never, ['']), [{ outcome: 'filtered', transform: 'split' }]);
});

t.test('what the converters cannot write is told at the step and at the end', async (t) => {
  const props = { 'value.converter': 'ByteArrayConverter' };
  t.match(await run({ toNumber } as never, ['abc'], { props }), [
    { outcome: 'failed', value: null, steps: ['toNumber:VALUE_CONVERTER'], error: { stage: 'VALUE_CONVERTER' } },
  ]);
});

t.test('a transform that hangs is given up; records before it stand', async (t) => {
  const answers = await run({ hang } as never, ['a', 'b'], { timeoutMs: 50 });
  t.match(answers, [
    {
      input: 0,
      outcome: 'failed',
      error: { stage: 'TRANSFORMATION', message: /stopped after 50 ms, while it worked on/ },
    },
    { input: 1, outcome: 'failed', error: { stage: 'TRANSFORMATION', message: /did not come to this record/ } },
  ]);
});

t.test('converters register no schemas', async (t) => {
  const props = { 'value.converter': 'test.RegistryConverter', 'value.converter.auto.register.schemas': 'true' };
  t.match(await run({}, ['a'], { props }), [{ outcome: 'emitted', value: 'a' }]);
  t.strictSame(registering, []);
});
