import { ConnectError, FatalError, messageOf } from '@tributary/api';
import t from 'tap';
import { putFailure } from '../../src/tasks/sink-failure.ts';

t.test('errors.tolerance is named as a remedy where it is one', async (t) => {
  const message = (error: Error): string => messageOf(putFailure(error, { connector: 'c', task: 0 }, 'Sink', []));
  t.match(message(new ConnectError('no')), /connectors\/c\/tasks\/0\/restart .* With errors\.tolerance=all/);
  t.match(message(new FatalError('no')), /connectors\/c\/tasks\/0\/restart starts the task again$/);
});
