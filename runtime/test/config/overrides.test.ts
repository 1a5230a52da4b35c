import t from 'tap';
import { testWorker } from '../support/worker.ts';

const SOURCE = { name: 'a', 'connector.class': 'FileStreamSource', topic: 'lines' };
const POLICY = 'connector.client.config.override.policy';

for (const [policy, key, allowed] of [
  ['All', 'producer.override.linger.ms', true],
  ['None', 'producer.override.linger.ms', false],
  [
    'org.apache.kafka.connect.connector.policy.NoneConnectorClientConfigOverridePolicy',
    'producer.override.acks',
    false,
  ],
  ['Principal', 'producer.override.acks', false],
  ['Principal', 'producer.override.sasl.jaas.config', true],
] as const) {
  t.test(`the policy ${policy} ${allowed ? 'allows' : 'forbids'} ${key}`, async (t) => {
    const { call } = await testWorker(t, { [POLICY]: policy });
    const { status, json } = await call('POST', '/connectors', { name: 'a', config: { ...SOURCE, [key]: '1' } });
    t.equal(status, allowed ? 201 : 400);
    if (!allowed)
      t.match(json.message, `policy does not allow '${key.slice('producer.override.'.length)}' to be overridden`);
  });
}

t.test('a policy that does not exist stops the worker at its start', async (t) => {
  await t.rejects(testWorker(t, { [POLICY]: 'Some' }), {
    message:
      /Invalid value Some for configuration connector.client.config.override.policy: Class Some could not be found/,
  });
});

t.test('a connector only fails for the clients that it has', async (t) => {
  const { call } = await testWorker(t, { [POLICY]: 'None' });
  t.match(await call('POST', '/connectors', { name: 'a', config: { ...SOURCE, 'consumer.override.x': '1' } }), {
    status: 201,
  });
});
