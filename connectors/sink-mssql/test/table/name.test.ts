import t from 'tap';
import { literal, quote, quoteTable, tableNames } from '../../src/table/name.ts';

const names = (format: string, topic: string): readonly string[] => tableNames(format, topic).map(quoteTable);

t.test('names are quoted so that nothing in them ends the quote', async (t) => {
  t.equal(quote('a]b'), '[a]]b]');
  t.equal(quote("x]; DROP TABLE users;--'"), "[x]]; DROP TABLE users;--']");
  t.equal(literal("it's"), "N'it''s'");
  for (const name of ['', 'x'.repeat(129), 'a\0b']) t.throws(() => quote(name), { message: /cannot be a name/ });
});

t.test('the topic stands in the format, in schema dbo unless another is named', async (t) => {
  t.strictSame(names('${topic}', 'orders'), ['[dbo].[orders]']);
  t.strictSame(names('kafka_${topic}', 'orders'), ['[dbo].[kafka_orders]']);
  t.strictSame(names('sales.${topic}', 'orders'), ['[sales].[orders]']);
  t.strictSame(names('shop.sales.${topic}', 'orders'), ['[shop].[sales].[orders]']);
  t.strictSame(names('fixed', 'orders'), ['[dbo].[fixed]']);
});

t.test('a topic with dots is a schema and a table, if there are such, or a name with dots', async (t) => {
  t.strictSame(names('${topic}', 'sales.orders'), ['[sales].[orders]', '[dbo].[sales.orders]']);
  t.strictSame(names('${topic}', 'srv.sales.orders'), ['[srv].[sales].[orders]', '[dbo].[srv.sales.orders]']);
  t.strictSame(names('${topic}', 'a.b.c.d'), ['[dbo].[a.b.c.d]']);
  t.strictSame(names('${topic}', 'a..b'), ['[dbo].[a..b]']);
  t.strictSame(names('[${topic}]', 'sales.orders'), ['[dbo].[sales.orders]']);
  t.strictSame(names('dbo.${topic}', 'sales.orders'), ['[dbo].[sales.orders]']);
});

t.test('brackets enclose any name', async (t) => {
  t.strictSame(names('[my schema].[a.b]]c ${topic}]', 'x'), ['[my schema].[a.b]]c x]']);
  t.strictSame(names('${topic}', '$& $1 ]x'), ['[dbo].[$& $1 ]]x]'], 'a topic is never a pattern');
});

t.test('formats that make no name are refused', async (t) => {
  for (const format of ['a.b.c.d', 'a..b', '.a', 'a.', '[a]b', '[a', 'x[y]'])
    t.throws(() => tableNames(format, 'x'), { message: /table\.name\.format/ }, format);
});
