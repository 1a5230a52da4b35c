import sql from 'mssql';
import t, { type Test } from 'tap';
import { connected, failsWith } from './client.ts';

/** A type, a literal of it, what the table shows and what the client reads. */
const VALUES: readonly (readonly [type: string, literal: string, shown: unknown, read: unknown])[] = [
  ['bit', '1', true, true],
  ['tinyint', '255', 255, 255],
  ['smallint', '-32768', -32768, -32768],
  ['int', '-2147483648', -2147483648, -2147483648],
  ['bigint', '-9223372036854775808', -9223372036854775808n, '-9223372036854775808'],
  ['bigint', '9007199254740993', 9007199254740993n, '9007199254740993'],
  ['real', '1.5', 1.5, 1.5],
  ['float', '1e308', 1e308, 1e308],
  ['decimal(38, 10)', '1234567890123456789012345678.0123456789', '1234567890123456789012345678.0123456789', undefined],
  ['decimal(9, 2)', '-1234567.89', '-1234567.89', -1234567.89],
  ['decimal(20, 5)', '-123456789012345.12345', '-123456789012345.12345', -123456789012345.12],
  ['money', '-922337203685477.5808', '-922337203685477.5808', -922337203685477.6],
  ['smallmoney', '214748.3647', '214748.3647', 214748.3647],
  ['date', "'0001-01-01'", '0001-01-01', new Date('0001-01-01T00:00:00Z')],
  ['date', "'9999-12-31'", '9999-12-31', new Date('9999-12-31T00:00:00Z')],
  ['time(7)', "'23:59:59.9999999'", '23:59:59.9999999', new Date('1970-01-01T23:59:59.999Z')],
  ['time(0)', "'12:34:56.5'", '12:34:57', new Date('1970-01-01T12:34:57Z')],
  ['smalldatetime', "'2024-02-29 12:34:30'", '2024-02-29 12:35:00', new Date('2024-02-29T12:35:00Z')],
  ['datetime', "'1753-01-01 00:00:00.005'", '1753-01-01 00:00:00.006', new Date('1753-01-01T00:00:00.007Z')],
  [
    'datetime2(7)',
    "'2024-02-29T12:34:56.1234567'",
    '2024-02-29 12:34:56.1234567',
    new Date('2024-02-29T12:34:56.123Z'),
  ],
  ['datetime2(3)', "'2024-12-31 23:59:59.9996'", '2025-01-01 00:00:00.000', new Date('2025-01-01T00:00:00Z')],
  [
    'datetimeoffset(7)',
    "'2024-02-29T12:34:56.1234567+05:30'",
    '2024-02-29 12:34:56.1234567 +05:30',
    new Date('2024-02-29T07:04:56.123Z'),
  ],
  ['char(5)', "'ab'", 'ab   ', 'ab   '],
  ['varchar(5)', "'äß€'", 'äß€', 'äß€'],
  ['nchar(3)', "N'ж'", 'ж  ', 'ж  '],
  ['nvarchar(10)', "N'ж😀'", 'ж😀', 'ж😀'],
  ['nvarchar(max)', "N'it''s'", "it's", "it's"],
  ['varchar(max)', "'x'", 'x', 'x'],
  ['binary(4)', '0x0102', Buffer.from([1, 2, 0, 0]), Buffer.from([1, 2, 0, 0])],
  ['varbinary(8)', '0x00FF', Buffer.from([0, 255]), Buffer.from([0, 255])],
  ['varbinary(max)', '0x', Buffer.alloc(0), Buffer.alloc(0)],
  [
    'uniqueidentifier',
    "'0e984725-c51c-4bf4-9960-e1c80e27aba0'",
    '0E984725-C51C-4BF4-9960-E1C80E27ABA0',
    '0E984725-C51C-4BF4-9960-E1C80E27ABA0',
  ],
  ['xml', "N'<a/>'", '<a/>', '<a/>'],
];

t.test('each type holds its values exactly', async (t) => {
  const { server, batch } = await connected(t);
  const columns = VALUES.map(([type], at) => `c${at} ${type} NULL`);
  await batch(`CREATE TABLE v (id int NOT NULL, ${columns.join(', ')})`);
  await batch(
    `INSERT INTO v VALUES (1, ${VALUES.map(([, literal]) => literal).join(', ')}); INSERT INTO v (id) VALUES (2)`,
  );
  const [stored, empty] = server.table('v').rows;
  const [read, nothing] = await batch('SELECT * FROM v ORDER BY id');
  VALUES.forEach(([type, literal, shown, expected], at) => {
    t.same(stored![`c${at}`], shown, `${type} stores ${literal}`);
    // tedious reads decimals through doubles, of which those of many digits are not worth comparing.
    if (expected !== undefined) t.same(read![`c${at}`], expected, `${type} reads ${literal}`);
    t.equal(empty![`c${at}`], null, `${type} stores NULL`);
    t.equal(nothing![`c${at}`], null, `${type} reads NULL`);
  });
});

t.test('parameters arrive as they were sent', async (t) => {
  const { server, pool, batch } = await connected(t);
  await batch(
    'CREATE TABLE p (a bigint, b nvarchar(max), c varbinary(max), d datetime2(7), e bit, f float, g uniqueidentifier, h date, i varchar(10), j datetimeoffset(7), k time(7), l decimal(10, 2), m int)',
  );
  const long = 'é'.repeat(5_000_000);
  const bytes = Buffer.alloc(1_000_000, 7);
  await pool
    .request()
    .input('a', sql.BigInt, '9223372036854775807')
    .input('b', sql.NVarChar(sql.MAX), long)
    .input('c', sql.VarBinary(sql.MAX), bytes)
    .input('d', sql.DateTime2(7), new Date('2024-01-02T03:04:05.678Z'))
    .input('e', sql.Bit, true)
    .input('f', sql.Float, 0.1)
    .input('g', sql.UniqueIdentifier, '0E984725-C51C-4BF4-9960-E1C80E27ABA0')
    .input('h', sql.Date, new Date('2024-01-02T00:00:00Z'))
    .input('i', sql.VarChar(10), 'ä€')
    .input('j', sql.DateTimeOffset(7), new Date('2024-01-02T03:04:05.678Z'))
    .input('k', sql.Time(7), new Date('1970-01-01T03:04:05.678Z'))
    .input('l', sql.Decimal(10, 2), -12.34)
    .input('m', sql.Int, null)
    .query('INSERT INTO p VALUES (@a, @b, @c, @d, @e, @f, @g, @h, @i, @j, @k, @l, @m)');
  const [row] = server.table('p').rows;
  t.equal(row!['b'], long);
  t.same(row!['c'], bytes);
  const { b, c, ...rest } = row!;
  t.same(rest, {
    a: 9223372036854775807n,
    d: '2024-01-02 03:04:05.6780000',
    e: true,
    f: 0.1,
    g: '0E984725-C51C-4BF4-9960-E1C80E27ABA0',
    h: '2024-01-02',
    i: 'ä€',
    j: '2024-01-02 03:04:05.6780000 +00:00',
    k: '03:04:05.6780000',
    l: '-12.34',
    m: null,
  });
  const insert = server.statements.at(-1)!;
  t.equal(insert.kind, 'rpc');
  t.same(insert.parameters[0], { name: '@a', type: 'bigint', value: 9223372036854775807n });
});

const one = async (t: Test): Promise<(expression: string) => Promise<unknown>> => {
  const { batch } = await connected(t);
  return async (expression) => (await batch(`SELECT ${expression} AS v`))[0]!['v'];
};

t.test('conversions and arithmetic', async (t) => {
  const value = await one(t);
  for (const [expression, expected] of [
    ["CONVERT(nvarchar(50), CAST(N'12345678901234567890.12' AS decimal(38, 2)) + 0.01)", '12345678901234567890.13'],
    ["CAST('1.005' AS decimal(9, 2))", 1.01],
    ['CAST(-1.5 AS int)', -1],
    ['7 / 2', 3],
    ['7 / 2.0', 3.5],
    ['7 % 4', 3],
    ["'a' + N'b'", 'ab'],
    ["CAST('too long' AS varchar(3))", 'too'],
    ["TRY_CAST('x' AS int)", null],
    ["TRY_CONVERT(datetime2, '2024-13-01')", null],
    ["CONVERT(varchar(30), CAST('2024-01-02 03:04:05.1234567' AS datetime2(7)), 126)", '2024-01-02T03:04:05.1234567'],
    ["CONVERT(varchar(40), CAST('2024-01-02 03:04:05 +02:00' AS datetimeoffset(0)))", '2024-01-02 03:04:05 +02:00'],
    ["CONVERT(varbinary(8), N'ab')", Buffer.from('ab', 'utf16le')],
    ["CONVERT(varbinary(8), '0xFF', 1)", Buffer.from([255])],
    ['COALESCE(NULL, NULL, 3)', 3],
    ["ISNULL(CAST(NULL AS varchar(2)), 'abc')", 'ab'],
    ["CASE WHEN NULL = NULL THEN 1 WHEN 'a' = 'A ' THEN 2 ELSE 3 END", 2],
    ["CASE WHEN 1 NOT IN (2, NULL) THEN 'in' ELSE 'unknown' END", 'unknown'],
    ["CASE WHEN N'ab' LIKE N'[a-c]_' THEN 1 ELSE 0 END", 1],
    ["CASE WHEN '50%' LIKE '50!%' ESCAPE '!' THEN 1 ELSE 0 END", 1],
    ["LEN(N'abc  ')", 3],
    ["DATALENGTH(N'abc')", 6],
    ["QUOTENAME(N'a]b')", '[a]]b]'],
    ["DATEADD(nanosecond, 100, CAST('2024-01-01' AS datetime2(7)))", new Date('2024-01-01T00:00:00Z')],
    ["DATEDIFF(day, '2023-12-31', '2024-03-01')", 61],
    ["OBJECT_ID(N'missing')", null],
    ["IIF(N'ß' = N'ss', 1, 0)", 1],
    ["IIF(N'a' COLLATE Latin1_General_BIN2 = N'A', 1, 0)", 0],
  ] as const) {
    t.same(await value(expression), expected, expression);
  }
});

t.test('what does not fit is refused with its own error', async (t) => {
  const value = await one(t);
  for (const [expression, number, message] of [
    ["CAST('abc' AS int)", 245, "Conversion failed when converting the varchar value 'abc' to data type int."],
    [
      "CAST(N'99999999999' AS int)",
      248,
      "The conversion of the nvarchar value '99999999999' overflowed an int column.",
    ],
    [
      "CAST('300' AS tinyint)",
      244,
      "The conversion of the varchar value '300' overflowed an INT1 column. Use a larger integer column.",
    ],
    ["CAST('abc' AS bigint)", 8114, 'Error converting data type varchar to bigint.'],
    ["CAST(N'abc' AS decimal(9, 2))", 8114, 'Error converting data type nvarchar to numeric.'],
    ["CAST('12345678' AS decimal(9, 2))", 8115, 'Arithmetic overflow error converting varchar to data type numeric.'],
    ['CAST(12345678.9 AS decimal(9, 2))', 8115, 'Arithmetic overflow error converting numeric to data type numeric.'],
    ['CAST(3000000000 AS int)', 8115, /Arithmetic overflow error converting/],
    ['CAST(300 AS tinyint)', 220, 'Arithmetic overflow error for data type tinyint, value = 300.'],
    ['2147483647 + 1', 8115, 'Arithmetic overflow error converting expression to data type int.'],
    [
      "CAST('yesterday' AS datetime2)",
      241,
      'Conversion failed when converting date and/or time from character string.',
    ],
    [
      "CAST('2024-02-30' AS datetime)",
      242,
      'The conversion of a varchar data type to a datetime data type resulted in an out-of-range value.',
    ],
    ["CAST('1752-12-31' AS datetime)", 242, /out-of-range/],
    ["CAST('2024-01-01 00:00:00.1234567' AS datetime)", 241, /Conversion failed/],
    [
      "CAST('x' AS uniqueidentifier)",
      8169,
      'Conversion failed when converting from a character string to uniqueidentifier.',
    ],
    ['1 / 0', 8134, 'Divide by zero error encountered.'],
    ["CAST(CAST('2024-01-01' AS date) AS int)", 529, 'Explicit conversion from data type date to int is not allowed.'],
    ["CAST(N'x' AS frobnicated)", 2715, /Cannot find data type/],
    ['FROBNICATE(1)', 195, "'FROBNICATE' is not a recognized built-in function name."],
    ['@missing', 137, 'Must declare the scalar variable "@missing".'],
  ] as const) {
    await failsWith(t, value(expression), { number, message }, expression);
  }
});
