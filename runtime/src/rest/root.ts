import { CONNECT_COMMIT, CONNECT_VERSION, TRIBUTARY_VERSION } from '../version.ts';
import { json, operation } from './operation.ts';
import type { Routes } from './routes.ts';
import { NULLABLE_STRING, object, STRING } from './schemas.ts';

export const rootRoutes: Routes = (app, { clusterId }) => {
  app.get(
    '/',
    operation({
      id: 'getWorker',
      tag: 'Worker',
      summary: 'Versions, and the cluster that the worker works on',
      answers: {
        200: json(
          object({ version: STRING, commit: STRING, kafka_cluster_id: NULLABLE_STRING, tributary_version: STRING }),
          "`version` is that of Kafka Connect's contract.",
        ),
      },
    }),
    async () => ({
      version: CONNECT_VERSION,
      commit: CONNECT_COMMIT,
      kafka_cluster_id: clusterId(),
      tributary_version: TRIBUTARY_VERSION,
    }),
  );
};
