import type { API } from '@platformatic/kafka';
import type { Cluster, CoordinatorKind } from './cluster.ts';
import type { Connections } from './connection-pool.ts';
import { errorName, isCoordinationError, isPassingError, refusal, TransientFault } from './faults.ts';
import { type RetryOptions, retrying } from './retry.ts';

export interface CoordinatorCall<Response> {
  readonly kind: CoordinatorKind;
  /** The group id or transactional id. */
  readonly key: string;
  readonly patience: RetryOptions;
  /** 0, or the error code of the answer that weighs most. */
  codeOf(response: Response): number;
  /** May throw something else than the usual error for a code. */
  refuse?(name: string, attempt: number): void;
}

/** Asks the coordinator of a group or transaction, finding it (again) as needed. */
export async function askCoordinator<Arguments extends unknown[], Response>(
  cluster: Cluster,
  connections: Pick<Connections, 'get'>,
  call: CoordinatorCall<Response>,
  api: API<Arguments, Response>,
  ...args: Arguments
): Promise<Response> {
  const { kind, key, patience } = call;
  return retrying(patience, async (attempt) => {
    let answered = false;
    try {
      const node = await cluster.coordinator(kind, key);
      const connection = await connections.get(node);
      const response = await connection.call(api, ...args);
      answered = true;
      const code = call.codeOf(response);
      if (code === 0) return response;
      const name = errorName(code);
      call.refuse?.(name, attempt);
      if (isCoordinationError(name)) cluster.forgetCoordinator(kind, key);
      if (isPassingError(name)) throw new TransientFault(name);
      throw refusal(patience.doing, name);
    } catch (error) {
      if (!answered) cluster.forgetCoordinator(kind, key);
      throw error;
    }
  });
}

/** The first code that no retry cures, or else any other that is not 0. */
export function worstCode(codes: readonly number[]): number {
  const failed = codes.filter((code) => code !== 0 && errorName(code) !== 'OPERATION_NOT_ATTEMPTED');
  return failed.find((code) => !isPassingError(errorName(code))) ?? failed[0] ?? codes.find((code) => code !== 0) ?? 0;
}

interface TopicAnswer {
  readonly partitions: ReadonlyArray<{ readonly errorCode: number }>;
}

/** The same of all partitions of an answer. */
export const worstOfTopics = (topics: readonly TopicAnswer[]): number =>
  worstCode(topics.flatMap(({ partitions }) => partitions.map(({ errorCode }) => errorCode)));
