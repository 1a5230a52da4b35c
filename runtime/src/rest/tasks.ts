import type { Routes } from './server.ts';

interface Task {
  Params: { name: string; task: string };
}

/** Anything but a whole number here is another path, as in Java: 404. */
const TASK = ':task(^-?\\d{1,9}$)';

export const taskRoutes: Routes = (app, { herder }) => {
  app.get<Task>('/connectors/:name/tasks', async ({ params }) => herder.tasks(params.name));

  app.get<Task>(`/connectors/:name/tasks/${TASK}/status`, async ({ params }) =>
    herder.taskStatus(params.name, Number(params.task)),
  );

  app.post<Task>(`/connectors/:name/tasks/${TASK}/restart`, async ({ params }, reply) => {
    await herder.restartTask(params.name, Number(params.task));
    return reply.code(204).send();
  });
};
