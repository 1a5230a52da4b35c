/** Records become points of series, however their tags are given and in whatever order their times come. */
import t from 'tap';
import { linesOf } from '../support/lines.ts';

const at = (timestamp: number, value: Readonly<Record<string, unknown>>) => ({ timestamp, value });

t.test('points of one time are one point, also where times go back and forth', async (t) => {
  const times = [5, 7, 6, 7, 10, 5, 100, 99, 6];
  const lines = linesOf({ tags: 's' }, ...times.map((time, i) => at(time, { s: 'a', [`f${i}`]: i })));
  t.strictSame(lines, [
    'm,s=a f0=0,f5=5 5000000',
    'm,s=a f1=1,f3=3 7000000',
    'm,s=a f2=2,f8=8 6000000',
    'm,s=a f4=4 10000000',
    'm,s=a f6=6 100000000',
    'm,s=a f7=7 99000000',
  ]);
});

t.test('tags of the same text are the same series, whatever their types', async (t) => {
  t.strictSame(linesOf({ tags: 's,u' }, at(1, { s: 5, u: 'x', a: 1 }), at(1, { s: '5', u: 'x', b: 2 })), [
    'm,s=5,u=x a=1,b=2 1000000',
  ]);
});

t.test('a tag that is missing, null or empty is the same as none', async (t) => {
  const records = [{ a: 1 }, { s: null, b: 2 }, { s: '', c: 3 }, { s: 'x', u: '', d: 4 }, { s: '', u: 'x', e: 5 }];
  t.strictSame(linesOf({ tags: 's,u' }, ...records.map((value) => at(1, value))), [
    'm a=1,b=2,c=3 1000000',
    'm,s=x d=4 1000000',
    'm,u=x e=5 1000000',
  ]);
});

t.test('tags that are containers now and text then are told apart record by record', async (t) => {
  t.strictSame(
    linesOf({ tags: 's' }, at(1, { s: { x: 'y' }, a: 1 }), at(1, { s: 'y', a: 2 }), at(1, { s: { x: 'y' }, b: 3 })),
    ['m,s.x=y a=1,b=3 1000000', 'm,s=y a=2 1000000'],
  );
});

t.test('of records for one point those that cannot be written leave no trace in it', async (t) => {
  t.strictSame(linesOf({}, at(1, { a: 1, b: Number.NaN }), at(1, { a: 2 }), at(1, { c: Number.NaN, a: 3 })), [
    'm a=2 1000000',
    "! The field 'b' is NaN, which InfluxDB cannot store: leave it out or make it null",
    "! The field 'c' is NaN, which InfluxDB cannot store: leave it out or make it null",
  ]);
});

t.test('more series than are remembered are told apart all the same', async (t) => {
  const records = Array.from({ length: 50_000 }, (_, i) => at(1, { s: `s${i % 25_000}`, [i < 25_000 ? 'a' : 'b']: i }));
  const lines = linesOf({ tags: 's' }, ...records);
  t.equal(lines.length, 25_000);
  t.equal(lines[24_999], 'm,s=s24999 a=24999,b=49999 1000000');
});
