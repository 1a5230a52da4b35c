import t from 'tap';
import { LevelTree } from '../../src/logging/level-tree.ts';

const tree = (): LevelTree => {
  const made = new LevelTree('INFO', (name) =>
    name === 'ours.task' ? ['java.Task'] : name === 'java.Task' ? ['ours.task'] : [],
  );
  for (const name of ['ours', 'ours.task', 'ours.tasks', 'java.Task']) made.add(name);
  return made;
};

t.test('all names have the level of the root logger at first', async (t) => {
  t.strictSame(tree().levels(), {
    'java.Task': { level: 'INFO', last_modified: null },
    ours: { level: 'INFO', last_modified: null },
    'ours.task': { level: 'INFO', last_modified: null },
    'ours.tasks': { level: 'INFO', last_modified: null },
    root: { level: 'INFO', last_modified: null },
  });
});

t.test('a level holds for what is below, not for names that merely begin the same', async (t) => {
  const levels = tree();
  levels.add('ours.task.0');
  t.strictSame(levels.set('ours.task', 'DEBUG', 7), ['ours.task', 'ours.task.0']);
  t.strictSame(levels.level('ours.task.0'), { level: 'DEBUG', last_modified: 7 });
  t.strictSame(levels.level('ours.tasks'), { level: 'INFO', last_modified: null });
});

t.test('names of the same thing change together', async (t) => {
  const levels = tree();
  levels.set('java', 'TRACE', 1);
  t.equal(levels.level('ours.task')!.level, 'TRACE');
  levels.set('ours', 'ERROR', 2);
  t.equal(levels.level('java.Task')!.level, 'ERROR');
});

t.test('the root logger is above all, in any case of its letters', async (t) => {
  const levels = tree();
  t.strictSame(levels.set('ROOT', 'WARN', 3), ['java.Task', 'ours', 'ours.task', 'ours.tasks', 'root']);
  t.strictSame(levels.level('Root'), { level: 'WARN', last_modified: 3 });
});

t.test('a name that comes later has the level of what is next above it', async (t) => {
  const levels = tree();
  levels.set('ours.connector', 'DEBUG', 4);
  levels.add('ours.connector.a');
  t.strictSame(levels.level('ours.connector.a'), { level: 'DEBUG', last_modified: null });
});

t.test('the time of a change is that of the last level that was another one', async (t) => {
  const levels = tree();
  levels.set('ours', 'INFO', 5);
  t.equal(levels.level('ours')!.last_modified, null);
  levels.set('ours', 'WARN', 6);
  t.strictSame(levels.set('ours', 'WARN', 7), [], 'nothing has another level than before');
  t.equal(levels.level('ours')!.last_modified, 6);
});

t.test('of several names the one that was set last counts', async (t) => {
  const levels = tree();
  t.equal(levels.effective(['ours', 'ours.tasks']), 'INFO');
  levels.set('ours.tasks', 'DEBUG', 1);
  t.equal(levels.effective(['ours', 'ours.tasks']), 'DEBUG');
  levels.set('ours.task', 'TRACE', 2);
  t.equal(levels.effective(['ours.tasks', 'ours.task']), 'TRACE');
  levels.set('root', 'ERROR', 3);
  t.equal(levels.effective(['ours.tasks', 'ours.task']), 'ERROR');
});
