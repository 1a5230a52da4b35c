import { PassThrough } from 'node:stream';
import t from 'tap';
import { standardOutput } from '../src/output.ts';

t.test('without a file the lines go to the standard output, which stays open', async (t) => {
  const stream = new PassThrough();
  const output = standardOutput(stream);
  await output.write(['a', 'b']);
  await output.close();
  t.equal(String(stream.read()), 'a\nb\n');
  t.equal(stream.writable, true);
});

t.test('a standard output that was closed fails the write', async (t) => {
  const stream = new PassThrough();
  stream.on('error', () => {});
  stream.end();
  await t.rejects(standardOutput(stream).write(['a']), { message: /^Cannot write to the standard output: / });
});
