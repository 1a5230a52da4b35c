import fc from 'fast-check';
import t from 'tap';
import { identityOf, identityPart } from '../../src/rows/identity.ts';

const bytesOf = (value: object): Buffer => Buffer.from(value as Uint8Array);

const value = fc.oneof(
  fc.constantFrom<unknown>(0, -0, Number.NaN, 1, '1', '', '\0', '\0n0|', 's1:a', 1n, true, null, undefined),
  fc.double(),
  fc.string(),
  fc.bigInt(),
  fc.uint8Array({ maxLength: 4 }),
);

/** Of values that are different for a store. */
const differ = (a: unknown, b: unknown): boolean =>
  a instanceof Uint8Array && b instanceof Uint8Array ? Buffer.compare(a, b) !== 0 : !Object.is(a, b);

t.test('no two values have the same identity, and a value always has the same', async () => {
  fc.assert(
    fc.property(
      value,
      value,
      (a, b) => differ(a, b) !== Object.is(identityOf(a, bytesOf), identityOf(structuredClone(b), bytesOf)),
    ),
    { numRuns: 20_000 },
  );
});

t.test('no two lists of values have the same one', async () => {
  const identity = (values: readonly unknown[]): string => values.map((each) => identityPart(each, bytesOf)).join('');
  const list = fc.array(fc.oneof(fc.constantFrom<unknown>('a', 's1:a', 1, 11, '1', '', null), value), {
    minLength: 2,
    maxLength: 3,
  });
  fc.assert(
    fc.property(list, list, (a, b) => {
      const same = a.length === b.length && a.every((each, i) => !differ(each, b[i]));
      return same === (identity(a) === identity(b));
    }),
    { numRuns: 20_000 },
  );
});
