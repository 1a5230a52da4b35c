import { CONNECT_COMMIT, CONNECT_VERSION, TRIBUTARY_VERSION } from '../version.ts';
import type { Routes } from './server.ts';

export const rootRoutes: Routes = (app, { clusterId }) => {
  app.get('/', async () => ({
    version: CONNECT_VERSION,
    commit: CONNECT_COMMIT,
    kafka_cluster_id: clusterId(),
    tributary_version: TRIBUTARY_VERSION,
  }));
};
