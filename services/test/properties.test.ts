import { join } from 'node:path';
import t from 'tap';
import { javaRun, skipUnlessAvailable } from '../src/index.ts';
import { writeProperties } from '../src/properties.ts';

t.test('Java reads a properties file as it was meant', { skip: await skipUnlessAvailable('java') }, async (t) => {
  const file = join(t.testdir(), 'worker.properties');
  const properties = {
    plain: 'value',
    'port=: #!': 9092,
    ' leading': '  blanks stay ',
    path: 'C:\\data\\new',
    lines: 'one\ntwo\r\n\tthree',
    unicode: 'Zürich ✓',
    yes: true,
    empty: '',
  };
  await writeProperties(file, { ...properties, absent: undefined });
  const sourceFile = join(import.meta.dirname, 'java', 'ReadProperties.java');
  const read = JSON.parse(await javaRun({ sourceFile, args: [file] }));
  t.same(read, Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, String(value)])));
});
