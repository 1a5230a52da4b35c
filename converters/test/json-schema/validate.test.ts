import t from 'tap';
import { compileValidator } from '../../src/json-schema/validate.ts';

const NONE = new Map<string, string>();
/** A keyword that each draft has in its own way: what it refuses, and what it takes. */
const DRAFTS: ReadonlyArray<readonly [draft: string, schema: object, refused: unknown, taken: unknown]> = [
  ['http://json-schema.org/draft-04/schema#', { minimum: 1, exclusiveMinimum: true }, 1, 2],
  ['http://json-schema.org/draft-06/schema#', { exclusiveMinimum: 1 }, 1, 2],
  ['http://json-schema.org/draft-07/schema#', { if: { minimum: 5 }, else: { multipleOf: 3 } }, 2, 3],
  ['https://json-schema.org/draft/2019-09/schema', { dependentRequired: { a: ['b'] } }, { a: 1 }, { a: 1, b: 2 }],
  ['https://json-schema.org/draft/2020-12/schema', { prefixItems: [{ type: 'string' }] }, [1], ['x', 1]],
];

t.test('values are validated by the draft that the schema names', (t) => {
  for (const [draft, schema, refused, taken] of DRAFTS) {
    const validate = compileValidator(JSON.stringify({ $schema: draft, ...schema }), NONE);
    t.throws(
      () => validate(JSON.stringify(refused)),
      { name: 'DataError', message: /does not match its schema/ },
      draft,
    );
    t.doesNotThrow(() => validate(JSON.stringify(taken)), draft);
  }
  t.end();
});

t.test('formats and references are looked at', (t) => {
  const schema = {
    type: 'object',
    properties: { at: { type: 'string', format: 'date-time' }, other: { $ref: 'other.json' } },
  };
  const validate = compileValidator(JSON.stringify(schema), new Map([['other.json', '{"type":"integer"}']]));
  t.doesNotThrow(() => validate('{"at":"2020-01-01T00:00:00Z","other":1}'));
  t.throws(() => validate('{"at":"yesterday","other":"x"}'), {
    message: /\/at must match format.*\/other must be integer/,
  });
  t.end();
});

t.test('a schema that is none is refused', (t) => {
  t.throws(() => compileValidator('{"type":"nothing"}', NONE), {
    name: 'DataError',
    message: /cannot be used to validate/,
  });
  t.throws(() => compileValidator('{"$ref":"missing.json"}', NONE), { name: 'DataError', message: /missing\.json/ });
  t.end();
});
