import t from 'tap';
import { openLoggers } from '../../src/logging/output.ts';

const open = () => {
  const lines: string[] = [];
  return { lines, loggers: openLoggers({ level: 'INFO', format: 'text', write: (line) => lines.push(line) }) };
};
const TASK = { connector: 'quotes', task: 2, kind: 'sink', connectorClass: 'example.QuoteSink' } as const;

t.test('a line shows its time, level, task, fields and logger', async (t) => {
  const { lines, loggers } = open();
  loggers.ofTask(TASK).log.warn('Slow', { rows: 3 });
  t.match(lines, [/^\d{4}-\d\d-\d\dT[\d:.]+Z WARN \[quotes\|task-2\] Slow rows=3 \(tributary.tasks.sink\)\n$/]);
});

t.test('a level holds at once, for loggers that are in use', async (t) => {
  const { lines, loggers } = open();
  const { debug } = loggers.get('tributary.herder');
  debug('one');
  loggers.setLevel('tributary', 'DEBUG');
  debug('two');
  loggers.setLevel('org.apache.kafka.connect.runtime.distributed.DistributedHerder', 'WARN');
  debug('three');
  t.match(lines, [/ DEBUG two /]);
  t.equal(lines.length, 1);
});

t.test("a task has the worker's voice and the connector's own", async (t) => {
  const { lines, loggers } = open();
  const { log, pluginLog } = loggers.ofTask(TASK);
  loggers.setLevel('example', 'TRACE');
  log.debug('worker');
  pluginLog.debug('connector');
  t.match(lines.splice(0), [/ connector \(tributary.connector.quotes\)\n$/]);
  loggers.setLevel('org.apache.kafka.connect.runtime.WorkerSinkTask', 'DEBUG');
  loggers.setLevel('example', 'OFF');
  log.debug('worker');
  pluginLog.error('connector');
  t.match(lines.splice(0), [/ worker \(tributary.tasks.sink\)\n$/]);
  loggers.setLevel('tributary.connector.quotes', 'DEBUG');
  log.debug('worker');
  pluginLog.debug('connector');
  t.equal(lines.length, 2, 'the logger of a connector is both');
});

t.test('one who makes lines elsewhere is told of levels', async (t) => {
  const { loggers } = open();
  const { log } = loggers.ofTask(TASK);
  const told: string[] = [];
  const end = log.onLevel((level) => told.push(level));
  loggers.setLevel('root', 'DEBUG');
  loggers.setLevel('root', 'DEBUG');
  end();
  loggers.setLevel('root', 'ERROR');
  t.strictSame(told, ['DEBUG']);
  t.equal(log.level, 'ERROR');
});
