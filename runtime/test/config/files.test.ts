import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '@tributary/api';
import t from 'tap';
import { readConnectorFile, readWorkerFile } from '../../src/config/files.ts';

const file = (t: { testdir: () => string }, name: string, text: string): string => {
  const path = join(t.testdir(), name);
  writeFileSync(path, text);
  return path;
};

t.test("a worker's .properties file is read as Java reads it", (t) => {
  const path = file(
    t,
    'worker.properties',
    '# comment\nbootstrap.servers = localhost:9092\nlisteners=http://:8083\nkey.converter=\\\n  org.apache.kafka.connect.json.JsonConverter\n',
  );
  t.same(readWorkerFile(path), {
    'bootstrap.servers': 'localhost:9092',
    listeners: 'http://:8083',
    'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
  });
  t.end();
});

t.test('a connector file may be .properties, flat JSON, or what one POSTs', (t) => {
  const properties = file(t, 'a.properties', 'name=a\nconnector.class=FileStreamSink\ntasks.max=1\n');
  t.same(readConnectorFile(properties), {
    name: 'a',
    config: { name: 'a', 'connector.class': 'FileStreamSink', 'tasks.max': '1' },
    initialState: null,
  });
  const flat = file(t, 'b.json', '{"name": "b", "connector.class": "X", "tasks.max": 2, "on": true}');
  t.same(readConnectorFile(flat).config, { name: 'b', 'connector.class': 'X', 'tasks.max': '2', on: 'true' });
  const posted = file(t, 'c.json', '{"name": "c", "config": {"connector.class": "X"}, "initial_state": "stopped"}');
  t.match(readConnectorFile(posted), { name: 'c', config: { name: 'c' }, initialState: 'STOPPED' });
  t.end();
});

for (const [what, text, message] of [
  ['without a name', 'connector.class=X', /has no 'name'/],
  ['that is broken JSON', '{"name": ', /is not valid JSON/],
  ['with a nested value', '{"name": "a", "x": {}}', /the value of 'x' is a JSON object/],
  [
    'with an unknown initial state',
    '{"name": "a", "config": {}, "initial_state": "DANCING"}',
    /initial_state 'DANCING' is none of/,
  ],
] as const) {
  t.test(`a connector file ${what} is refused, and the message says so`, (t) => {
    const path = file(t, 'bad.json', text);
    t.throws(() => readConnectorFile(path), ConfigError);
    t.throws(() => readConnectorFile(path), message);
    t.end();
  });
}

t.test('a missing file is named', (t) => {
  t.throws(() => readWorkerFile('/no/such/file'), /\/no\/such\/file cannot be read/);
  t.end();
});
