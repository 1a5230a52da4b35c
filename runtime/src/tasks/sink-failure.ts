import { FatalError, type SinkRecord } from '@tributary/api';
import { taskFailure } from '../pipeline/errors.ts';
import { sinkPlace } from '../pipeline/sink-pipeline.ts';
import type { TaskId } from './task-spec.ts';

const TOLERANCE =
  'With errors.tolerance=all the records that the sink cannot take are passed by, or go to the dead letter queue, and the others are stored';

/** The failure of a task whose sink could not take a batch: says where the batch began, and what helps. */
export function putFailure(error: unknown, id: TaskId, plugin: string, records: readonly SinkRecord[]): unknown {
  return taskFailure(
    error,
    {
      ...id,
      stage: 'TASK_PUT',
      plugin,
      place: records[0] && sinkPlace(records[0]),
      records: records.length,
    },
    error instanceof FatalError ? '' : TOLERANCE,
  );
}
