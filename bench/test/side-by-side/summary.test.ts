import t from 'tap';
import type { Figures } from '../../src/side-by-side/measure.ts';
import { type Contestant, inTurn, type Run } from '../../src/side-by-side/run.ts';
import { median, START_COLUMNS, summarize, table } from '../../src/side-by-side/summary.ts';

const java: Contestant = { name: 'java', worker: 'java' };
const ours: Contestant = { name: 'tributary', worker: 'tributary' };

function run(contestant: Contestant, restSeconds: number, flowPerSecond: number | null = 1_000): Run {
  const figures: Figures = {
    restSeconds,
    firstSeconds: 2,
    doneSeconds: 4,
    overallPerSecond: 250,
    flowPerSecond,
    cpuSeconds: 8,
    cpuToFirstSeconds: 1,
    cpuMicrosPerRecord: 16,
    peakRssBytes: 32e6,
    brokerCpuSeconds: 1,
    loadBefore: 0,
  };
  const digest = { lines: 1, bytes: 1, sha256: '' };
  return { scenario: 'copy', contestant: contestant.name, round: 0, figures, digest };
}

t.test('the median lies in the middle', async (t) => {
  t.equal(median([9, 1, 5]), 5);
  t.equal(median([4, 1, 2, 9]), 3);
  t.equal(median([]), null);
});

t.test('ratios are those of the medians', async (t) => {
  const runs = [5, 4, 60].map((rest) => run(java, rest)).concat([1, 0.5, 0.1].map((rest) => run(ours, rest)));
  const [summary] = summarize(runs, [{ of: ours, to: java }]);
  t.equal(summary!.medians['java']!.restSeconds, 5);
  t.equal(summary!.medians['tributary']!.restSeconds, 0.5);
  t.equal(summary!.ratios[0]!.ratios.restSeconds, 0.1);
});

t.test('a figure that no run has is shown as missing', async (t) => {
  const summaries = summarize([run(java, 1), run(ours, 1, null)], [{ of: ours, to: java }]);
  t.equal(summaries[0]!.medians['tributary']!.flowPerSecond, null);
  t.equal(summaries[0]!.ratios[0]!.ratios.flowPerSecond, null);
  t.match(table(summaries), /tributary \/ java .*\| +- \|/);
});

t.test('the table shows the columns asked for', async (t) => {
  const [head, , row] = table(summarize([run(java, 1.5)], []), START_COLUMNS).split('\n');
  t.match(head, /REST s.*first s.*CPU s.*RSS MB/);
  t.notMatch(head, /done/);
  t.match(row, /copy .*java .*1\.50.*2\.00.*8\.00.*32/);
});

t.test('each round begins with another contestant', async (t) => {
  const first = [0, 1, 2].map((round) => inTurn([java, ours], round)[0]!.name);
  t.same(first, ['java', 'tributary', 'java']);
});
