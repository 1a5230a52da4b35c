import { empty, json, operation } from './operation.ts';
import type { Routes } from './routes.ts';
import { listOf, ref } from './schemas.ts';

interface Task {
  Params: { name: string; task: string };
}

/** Anything but a whole number here is another path, as in Java: 404. */
const TASK = ':task(^[-+]?\\d{1,9}$)';

export const taskRoutes: Routes = (app, { herder, masking }) => {
  app.get<Task>(
    '/connectors/:name/tasks',
    operation({
      id: 'getTasks',
      tag: 'Tasks',
      summary: 'The tasks of a connector, with their configs',
      answers: { 200: json(listOf(ref('TaskInfo')), 'In the order of their numbers.') },
    }),
    async ({ params }) => masking.tasks(herder.config(params.name), herder.tasks(params.name)),
  );

  app.get<Task>(
    `/connectors/:name/tasks/${TASK}/status`,
    operation({
      id: 'getTaskStatus',
      tag: 'Tasks',
      summary: 'What a task is doing',
      answers: { 200: json(ref('TaskState'), 'Its state.'), 404: 'There is no such task.' },
    }),
    async ({ params }) => herder.taskStatus(params.name, Number(params.task)),
  );

  app.post<Task>(
    `/connectors/:name/tasks/${TASK}/restart`,
    operation({
      id: 'restartTask',
      tag: 'Tasks',
      summary: 'Restart a task',
      answers: { 204: empty('It will be restarted.'), 404: 'There is no such task.' },
    }),
    async ({ params }, reply) => {
      await herder.restartTask(params.name, Number(params.task));
      return reply.code(204).send();
    },
  );
};
