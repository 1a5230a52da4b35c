import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { javaRun, skipUnlessAvailable } from '../src/index.ts';

const skip = await skipUnlessAvailable('java');
const murmur2 = join(import.meta.dirname, 'java', 'Murmur2Partition.java');

t.test('a source file computes on the class path of Kafka', { skip }, async (t) => {
  // The vectors of Kafka's own UtilsTest.testMurmur2: 21 -> -973932308, foobar -> -790332482, a-little-bit-long-string -> -985981536
  const hashes = [-973932308, -790332482, -985981536];
  const printed = await javaRun({
    sourceFile: murmur2,
    args: ['25'],
    stdin: '21\nfoobar\na-little-bit-long-string\n',
  });
  t.same(
    printed.trim().split('\n').map(Number),
    hashes.map((hash) => (hash & 0x7fffffff) % 25),
  );
});

t.test('a class of the jars can be run by its name', { skip }, async (t) => {
  const docs = await javaRun({ mainClass: 'org.apache.kafka.clients.producer.ProducerConfig' });
  t.match(docs, /max\.in\.flight\.requests\.per\.connection/);
});

t.test('a program that fails or does not compile is an error with its messages', { skip }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-java-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const sourceFile = join(folder, 'Failing.java');
  const program = (body: string) =>
    `package some.where;\npublic class Failing { public static void main(String[] a) { ${body} } }\n`;

  await writeFile(sourceFile, program('throw new IllegalStateException("on purpose");'));
  await t.rejects(javaRun({ sourceFile }), { message: /some\.where\.Failing exited with code 1:[\s\S]*on purpose/ });
  await writeFile(sourceFile, program('nonsense'));
  await t.rejects(javaRun({ sourceFile }), { message: /compiling .* exited with code 1:[\s\S]*not a statement/ });
  await writeFile(sourceFile, program('while (true);'));
  await t.rejects(javaRun({ sourceFile, timeoutMs: 1_000 }), { message: /ended by SIGKILL/ });
});
