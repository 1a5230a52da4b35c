import { int } from '@tributary/api';
import { warnOfStrangeKeys } from '@tributary/sink-kit';
import t from 'tap';

t.test('keys of another sink are named in the log, without their values', async (t) => {
  const said: string[] = [];
  const warn = (message: string): void => void said.push(message);
  const log = { trace() {}, debug() {}, info() {}, warn, error() {} };
  const definition = { port: int({ default: 1, doc: 'The port.' }) };
  const known = {
    name: 'a',
    'connector.class': 'Sink',
    'tasks.max': '2',
    'tasks.restart.policy': 'always',
    'task.isolation': 'thread',
    'topics.regex': 'a.*',
    'key.converter': 'JsonConverter',
    'value.converter.schemas.enable': 'false',
    transforms: 'drop',
    'transforms.drop.type': 'Filter',
    'errors.tolerance': 'all',
    'consumer.override.max.poll.records': '2000',
    port: '2',
    'topic.a.mapping': 'x=y',
    'socks.proxyHost': '',
  };
  const isOwn = (key: string): boolean => key.startsWith('topic.');
  warnOfStrangeKeys({ log, props: known }, definition, isOwn);
  t.same(said, []);
  warnOfStrangeKeys({ log, props: { ...known, 'connect.kcql': 'secret', toString: '1' } }, definition, isOwn);
  t.match(said, [/passed over: connect\.kcql, toString\./]);
  t.notMatch(said.join(), 'secret');
});
