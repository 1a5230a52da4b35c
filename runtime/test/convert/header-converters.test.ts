import { type HeaderConverterDefinition, parseConfig, Schema } from '@tributary/api';
import t from 'tap';
import { builtInConverters } from '../../src/convert/index.ts';

function create(shortName: string, props: Record<string, string> = {}) {
  const definition = builtInConverters.find(
    ({ kind, class: name }) => kind === 'header_converter' && name.endsWith(`.${shortName}`),
  ) as HeaderConverterDefinition;
  const { config, errors } = parseConfig(definition.config, { 'converter.type': 'header', ...props });
  if (errors.size > 0) throw new Error([...errors.values()].join());
  return definition.create(config);
}

t.test('the simple header converter infers types from text and writes them back', (t) => {
  const converter = create('SimpleHeaderConverter');
  for (const text of [
    'abc',
    '5',
    '-300',
    '9223372036854775807',
    'true',
    '1.5',
    '[1,2]',
    '{"a":"b"}',
    '2024-02-29T13:04:05.007Z',
    'é',
  ]) {
    const { schema, value } = converter.toConnectHeader('t', 'h', Buffer.from(text));
    t.equal(converter.fromConnectHeader('t', 'h', schema, value)?.toString(), text, `${text} as ${schema?.type}`);
  }
  t.strictSame(converter.toConnectHeader('t', 'h', null), { schema: null, value: null });
  t.equal(converter.fromConnectHeader('t', 'h', Schema.string(), null), null);
  t.throws(
    () => converter.fromConnectHeader('quotes', 'h', null, () => 1),
    /a function \(header 'h' of a record for topic 'quotes'\)/,
  );
  t.end();
});

t.test('the other converters serve headers too', (t) => {
  const json = create('JsonConverter', { 'schemas.enable': 'false' });
  t.equal(json.fromConnectHeader('t', 'h', null, [1])?.toString(), '[1]');
  t.throws(
    () => json.toConnectHeader('quotes', 'h', Buffer.from('x')),
    /\(the header of a record of topic 'quotes', JsonConverter\)/,
  );
  const string = create('StringConverter');
  t.match(string.toConnectHeader('t', 'h', Buffer.from('x')), { value: 'x' });
  t.end();
});
