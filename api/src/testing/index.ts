export { configErrors, connectorTasks, parseOrThrow } from './config.ts';
export { type LogLine, recordingLog } from './log.ts';
export type { MetricsByName } from './metrics.ts';
export { MemoryOffsets, type OffsetEntry } from './offsets.ts';
export { runSink, type SinkOptions, type SinkRecordInput, type SinkRun, sinkRecords } from './sink.ts';
export {
  type RunOptions,
  runSource,
  type SourceOptions,
  type SourceRun,
  startSource,
} from './source.ts';
export { applyTransform } from './transform.ts';
