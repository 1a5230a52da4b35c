/** Java's converter and ours on one registry: what either writes, the other reads. */
import { Schema, type SchemaAndValue } from '@tributary/api';
import { Random, sharedSchemaRegistry, skipUnlessAvailable } from '@tributary/services';
import t from 'tap';
import { askJava, comparable, encodeSchema, encodeValue } from '../../../transforms/test/oracle/oracle.ts';
import { avro } from '../support/avro.ts';
import { randomSchema, randomValue } from '../support/connect-cases.ts';

const skip = (await skipUnlessAvailable('java')) || (await skipUnlessAvailable('schema-registry'));
const url = skip ? '' : await sharedSchemaRegistry();
const CASES = Number(process.env.TRIBUTARY_REGISTRY_CASES ?? 60);

const JAVA = {
  class: 'io.apicurio.registry.utils.converter.AvroConverter',
  config: {
    'apicurio.registry.url': url.replace('/apis/ccompat/v7', '/apis/registry/v2'),
    'apicurio.registry.auto-register': 'true',
    'apicurio.registry.as-confluent': 'true',
    'apicurio.registry.use-id': 'contentId',
    'apicurio.registry.headers.enabled': 'false',
  },
  isKey: false,
};
const ask = (questions: readonly object[]) => askJava(questions, { jars: 'registry-converters' });

const random = new Random(Number(process.env.TRIBUTARY_SEED ?? 1));
const cases = Array.from({ length: CASES }, (_, i) => {
  // Structs: what Java's serialiser knows best. Doubles in arrays are read as floats by its Avro 1.12.0, and maps have no order.
  const inner = randomSchema(random, 2);
  const schema = Schema.struct({ value: inner, at: Schema.timestamp() }, { name: `acme.Case${i}` });
  return { topic: `both-${process.pid}-${i}`, schema, value: { value: randomValue(random, inner), at: new Date(i) } };
}).filter(({ schema }) => !/"array".*"float64"|"NaN"/.test(JSON.stringify(encodeSchema(schema))));

t.test('Java reads what we write', { skip }, async (t) => {
  const converter = avro(t, { 'schema.registry.url': url });
  const written = await Promise.all(
    cases.map(({ topic, schema, value }) => converter.fromConnect(topic, schema, value)),
  );
  const answers = await ask(
    cases.map(({ topic }, i) => ({
      op: 'toConnect',
      ...JAVA,
      topic,
      bytes: Buffer.from(written[i]!).toString('base64'),
    })),
  );
  for (const [i, { topic, schema }] of cases.entries()) {
    const { value } = (await converter.toConnect(topic, written[i]!)) as SchemaAndValue;
    t.strictSame(comparable(answers[i]!.value), comparable(encodeValue(schema, value)), answers[i]!.message ?? topic);
  }
  t.ok(cases.length > CASES / 2);
});

t.test('we read what Java writes', { skip }, async (t) => {
  const converter = avro(t, { 'schema.registry.url': url });
  const answers = await ask(
    cases.map(({ topic, schema, value }) => ({
      op: 'fromConnect',
      ...JAVA,
      topic: `${topic}-java`,
      schema: encodeSchema(schema),
      value: encodeValue(schema, value),
    })),
  );
  for (const [i, { topic, schema, value }] of cases.entries()) {
    const ours = await converter.fromConnect(topic, schema, value);
    const same = (await converter.toConnect(topic, ours)) as SchemaAndValue;
    if (answers[i]!.error !== undefined) t.fail(`${answers[i]!.error}: ${answers[i]!.message}`);
    const bytes = Buffer.from(answers[i]!.bytes as string, 'base64');
    const theirs = (await converter.toConnect(`${topic}-java`, bytes)) as SchemaAndValue;
    t.strictSame(comparable(encodeValue(schema, theirs.value)), comparable(encodeValue(schema, same.value)));
  }
});
