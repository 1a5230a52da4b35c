import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import t from 'tap';
import { contents, newFolder, openFolder } from './support.ts';

const WRITER = `${import.meta.dirname}/fixtures/writer.ts`;
const ROUNDS = 8;

/** Runs the writer until it has acknowledged so many calls, then kills it in the middle of its work. */
async function writeAndDie(folder: string, first: number, calls: number): Promise<number[]> {
  const child = spawn(process.execPath, ['--conditions=tributary-source', WRITER, folder, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'close');
  const acknowledged: number[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(Number(line));
    if (acknowledged.length === calls) child.kill('SIGKILL');
  }
  await exited;
  return acknowledged;
}

t.test('kill -9 loses nothing that was acknowledged and leaves no call half stored', async (t) => {
  const folder = newFolder(t.testdir());
  const acknowledged = new Set<number>();
  let first = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const calls = 1 + Math.floor(Math.random() * 300);
    for (const call of await writeAndDie(folder, first, calls)) acknowledged.add(call);
    first += 1_000_000;
    const broker = await openFolder(folder);
    const stored = (await contents(broker, 'calls')).map((r) => Number(Buffer.from(r.value!).toString()));
    const found = new Map<number, number>();
    const last = [-1, -1];
    for (const r of await contents(broker, 'records')) {
      const call = Number(Buffer.from(r.key!).toString());
      found.set(call, (found.get(call) ?? 0) + 1);
      if (r.offset <= last[r.partition]!) t.fail(`offset ${r.offset} of partition ${r.partition} came out of order`);
      last[r.partition] = r.offset;
      const expected = Buffer.alloc((call * 37) % 5000, `${call}`);
      if (!expected.equals(r.value!)) t.fail(`a record of call ${call} has another value`);
    }
    await broker.close();
    t.equal(new Set(stored).size, stored.length, 'no call is stored twice');
    t.strictSame(
      [...acknowledged].filter((call) => !stored.includes(call)),
      [],
      `${acknowledged.size} acknowledged calls are there after ${calls} in round ${round}`,
    );
    t.strictSame(
      stored.filter((call) => found.get(call) !== 1 + (call % 20)),
      [],
      'each stored call has all of its records',
    );
    t.equal(found.size, stored.length, 'no record is there without its call');
  }
});
