import { arrivingTopics } from '@tributary/sink-kit';
import t from 'tap';

t.test('topics arrive as they are named, unless a transform may change them', async (t) => {
  const topics = 'a, b,';
  const of = (...types: string[]) =>
    arrivingTopics({
      topics,
      transforms: types.map((_, i) => `t${i}`).join(','),
      ...Object.fromEntries(types.map((type, i) => [`transforms.t${i}.type`, type])),
    });
  t.same(arrivingTopics({ topics }), ['a', 'b']);
  t.same(arrivingTopics({ 'topics.regex': '.*' }), []);
  t.same(of('org.apache.kafka.connect.transforms.InsertField$Value', 'Filter'), ['a', 'b']);
  t.same(of('Filter', 'org.apache.kafka.connect.transforms.RegexRouter'), []);
  t.same(of('TimestampRouter'), []);
  t.same(of('com.example.Own$Value'), []);
});
