import { DataError } from '@tributary/api';
import t from 'tap';
import { BrokerUnavailableError, ProducerFencedError } from '../../src/broker/errors.ts';
import type { Producer, RecordToSend } from '../../src/broker/port.ts';
import { DeadLetterQueue } from '../../src/tasks/dead-letter-queue.ts';

/** A producer that keeps what it is told, and fails when it is told to. */
class FakeProducer implements Producer {
  /** What happened, in order. */
  readonly calls: string[] = [];
  failWith: { readonly on: string; readonly error: Error } | undefined;

  #called(what: string, detail = ''): void {
    this.calls.push(what + detail);
    if (this.failWith?.on !== what) return;
    const { error } = this.failWith;
    this.failWith = undefined;
    throw error;
  }

  async send(records: readonly RecordToSend[]) {
    this.#called('send', ` ${records.map(({ value }) => Buffer.from(value!).toString()).join()}`);
    return [];
  }
  async begin() {
    this.#called('begin');
  }
  async sendOffsets() {
    this.#called('sendOffsets');
  }
  async commit() {
    this.#called('commit');
  }
  async abort() {
    this.#called('abort');
  }
  async recover() {
    this.#called('recover');
  }
  async close() {}
}

function queue(transactional: boolean) {
  const producer = new FakeProducer();
  let heard = true;
  const letters = new DeadLetterQueue({
    topic: 'dlq',
    contextHeaders: false,
    connector: 'c',
    task: 0,
    producer,
    transactional,
    mayWrite: () => heard,
    metrics: { count() {} } as never,
    converters: {} as never,
  });
  const report = (offset: number): void => {
    const value = Buffer.from(`v${offset}`);
    const place = { topic: 't', partition: 0, offset };
    const record = { ...place, key: null, value, timestamp: 5, timestampType: 'CreateTime' as const, headers: [] };
    letters.report({ stage: 'VALUE_CONVERTER', plugin: 'p', error: new DataError('bad'), place, record });
  };
  return { producer, letters, report, hear: (yes: boolean) => (heard = yes) };
}

const GROUP = { groupId: 'g', memberId: 'm', generation: 1, groupInstanceId: null };
const OFFSETS = [{ topic: 't', partition: 0, offset: 9 }];

t.test('what is settled is acknowledged, and in a transaction committed without offsets', async (t) => {
  const plain = queue(false);
  plain.report(1);
  await plain.letters.settle();
  t.same(plain.producer.calls, ['send v1']);

  const { producer, letters, report } = queue(true);
  await letters.settle();
  t.same(producer.calls, [], 'nothing to settle');
  report(1);
  const settled = letters.settle();
  report(2);
  await settled;
  t.same(producer.calls, ['begin', 'send v1', 'commit']);
  t.equal(await letters.commitWith(OFFSETS, GROUP), true);
  t.same(producer.calls.slice(3), ['begin', 'send v2', 'sendOffsets', 'commit'], 'the next go with offsets as always');
});

for (const transactional of [false, true])
  t.test(`a letter that could not be sent has the records come again (transactional: ${transactional})`, async (t) => {
    const { producer, letters, report } = queue(transactional);
    producer.failWith = { on: 'send', error: new BrokerUnavailableError('away') };
    report(1);
    await t.rejects(letters.settle(), { name: 'RetriableError', message: /away/ });
    await t.rejects(letters.settle(), { name: 'RetriableError' }, 'until the task has gone back');
    await t.rejects(letters.commitWith(OFFSETS, GROUP), { name: 'RetriableError' });
    report(1);
    await letters.settle();
    t.equal(producer.calls.filter((call) => call === 'send v1').length, 2);
    t.ok(producer.calls.includes('recover'));
  });

t.test('so does a transaction that could not be committed', async (t) => {
  const { producer, letters, report } = queue(true);
  producer.failWith = { on: 'commit', error: new BrokerUnavailableError('away') };
  report(1);
  await t.rejects(letters.settle(), { name: 'RetriableError' });
  t.equal(letters.dueAt, Number.NEGATIVE_INFINITY, 'the next commit is due at once');
  await t.rejects(letters.commitWith(OFFSETS, GROUP), { name: 'RetriableError' });
  report(1);
  await letters.settle();
  t.same(producer.calls.slice(-4), ['recover', 'begin', 'send v1', 'commit']);
});

t.test('a task that another has taken over from does not settle', async (t) => {
  const { producer, letters, report, hear } = queue(true);
  hear(false);
  report(1);
  await t.rejects(letters.settle(), { name: 'RetriableError', message: /not heard of/ });
  hear(true);
  producer.failWith = { on: 'send', error: new BrokerUnavailableError('away') };
  await t.rejects(letters.settle(), { name: 'RetriableError' });
  await t.rejects(letters.commitWith(OFFSETS, GROUP), { name: 'RetriableError' });
  producer.failWith = { on: 'recover', error: new ProducerFencedError('fenced') };
  report(1);
  await t.rejects(letters.settle(), { name: 'FatalError' });
});
