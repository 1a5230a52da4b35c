import { definePredicate, defineTransform, type SinkRecord } from '@tributary/api';
import t from 'tap';
import { TaskMetrics } from '../../src/metrics/task-metrics.ts';
import { buildChain } from '../../src/pipeline/chain.ts';
import { ErrorHandler } from '../../src/pipeline/errors.ts';
import { type Plugin, registryOf } from '../../src/plugins/registry.ts';

const record = (value: number): SinkRecord => ({
  topic: 't',
  partition: 0,
  key: null,
  keySchema: null,
  value,
  valueSchema: null,
  timestamp: null,
  headers: [],
  offset: value,
  timestampType: 'CreateTime',
  originalTopic: 't',
  originalPartition: 0,
  originalOffset: value,
});

let opened = 0;
let closed = 0;
const double = defineTransform({
  class: 'test.Double',
  version: '1',
  config: {},
  asynchronous: true,
  create(_config, { onClose }) {
    opened++;
    onClose(() => void closed++);
    return async (records) => records.map((one) => ({ ...one, value: Number(one.value) * 2 }));
  },
});
const odd = definePredicate({
  class: 'test.Odd',
  version: '1',
  config: {},
  create:
    () =>
    ({ value }) => {
      if (value === 3) throw new Error('three');
      return Number(value) % 2 === 1;
    },
});

const plugin = (definition: typeof double | typeof odd): Plugin =>
  ({
    kind: definition.kind,
    class: definition.class,
    names: [definition.class],
    version: '1',
    location: 'here',
    load: async () => definition,
  }) as unknown as Plugin;

const PROPS = {
  transforms: 'double',
  'transforms.double.type': 'test.Double',
  'transforms.double.predicate': 'odd',
  predicates: 'odd',
  'predicates.odd.type': 'test.Odd',
};

const note = (): void => {};
const LOG = { trace: note, debug: note, info: note, warn: note, error: note };
const handler = (tolerance: 'all' | 'none') =>
  new ErrorHandler(
    {
      'errors.tolerance': tolerance,
      'errors.retry.timeout': 0,
      'errors.retry.delay.max.ms': 1,
      'errors.log.enable': false,
      'errors.log.include.messages': false,
    },
    { connector: 'c', task: 0 },
    LOG,
    new TaskMetrics('sink'),
    new AbortController().signal,
  );

t.test(
  'a predicate that fails for one record fails that record alone, in front of a transform of batches too',
  async (t) => {
    const chain = await buildChain(registryOf([plugin(double), plugin(odd)]), PROPS);
    const records = [1, 2, 3, 4, 5].map(record);
    const place = (one: SinkRecord) => ({ topic: one.topic, partition: 0, offset: one.offset });
    const out = await chain.apply(records, handler('all'), place);
    t.same(
      out.map(({ value }) => value),
      [2, 2, 4, 10],
    );
    await t.rejects(chain.apply(records, handler('none'), place), { message: /three.*offset 3/ });
  },
);

t.test('each chain closes what its own transforms opened', async (t) => {
  const registry = registryOf([plugin(double), plugin(odd)]);
  opened = 0;
  closed = 0;
  const [one, two] = [await buildChain(registry, PROPS), await buildChain(registry, PROPS)];
  await one.close();
  t.same([opened, closed], [2, 1]);
  await two.close();
  t.same([opened, closed], [2, 2]);
});
