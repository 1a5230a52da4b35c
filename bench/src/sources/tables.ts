import { type Figure, figuresTable, fixed, megabytes } from '../side-by-side/figures.ts';
import { thousands } from '../side-by-side/summary.ts';
import { CONTESTANTS } from './contestant.ts';
import type { SourceRun } from './run.ts';

const FIGURES: readonly Figure<SourceRun>[] = [
  { key: 'recordsPerSecond', title: 'records/s', show: thousands },
  { key: 'cpuMicrosPerRecord', title: 'CPU us/rec', show: fixed(1) },
  { key: 'brokerCpuMicrosPerRecord', title: "broker's", show: fixed(1) },
  { key: 'peakRssBytes', title: 'peak RSS MB', show: megabytes },
  { key: 'p50Ms', title: 'p50 ms', show: fixed(1) },
  { key: 'p99Ms', title: 'p99 ms', show: fixed(1) },
  { key: 'p999Ms', title: 'p99.9 ms', show: fixed(1) },
  { key: 'cpuMicrosPerRecordAtRate', title: 'CPU us/rec at rate', show: fixed(1) },
  { key: 'brokerCpuMicrosPerRecordAtRate', title: "broker's at rate", show: fixed(1) },
  { key: 'rssBytesAtRate', title: 'RSS MB at rate', show: megabytes },
  { key: 'feedLateMs', title: 'sent late ms', show: fixed(0) },
  { key: 'loadBefore', title: 'load', show: fixed(1) },
];

export const sourcesTable = (runs: readonly SourceRun[]): string =>
  figuresTable(runs, 'scenario', CONTESTANTS, FIGURES);
