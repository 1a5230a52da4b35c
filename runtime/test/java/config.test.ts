/** Sends the same configs to Kafka's Connect worker and to ours, both with config providers, and compares the answers. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sharedKafka, skipUnlessAvailable } from '@tributary/services';
import t from 'tap';
import { PATCH, REFERENCES, VALIDATION } from './config-steps.ts';
import { type Side, startPair } from './pair.ts';
import { runGroups } from './run-groups.ts';

const skip = await skipUnlessAvailable('connect');

const PACKAGE = 'org.apache.kafka.common.config.provider';
const PROVIDERS = {
  'config.providers': 'file,dir,env',
  'config.providers.file.class': `${PACKAGE}.FileConfigProvider`,
  'config.providers.dir.class': `${PACKAGE}.DirectoryConfigProvider`,
  'config.providers.env.class': `${PACKAGE}.EnvVarConfigProvider`,
};

interface Value {
  readonly name: string;
  readonly value: string | null;
  readonly errors: readonly string[];
}

t.test('Kafka Connect and we treat configs in the same way', { skip, timeout: 300_000 }, async (t) => {
  const pair = await startPair(t, await sharedKafka(), PROVIDERS);
  writeFileSync(join(pair.dir, 'in.txt'), 'one\ntwo\n');
  writeFileSync(join(pair.dir, 'values.properties'), 'topic=resolved\nthree=3\n');
  mkdirSync(join(pair.dir, 'values'));
  writeFileSync(join(pair.dir, 'values', 'file'), join(pair.dir, 'in.txt'));
  await runGroups(t, pair, [PATCH, REFERENCES, VALIDATION]);

  await t.test('validation shows references, where Java shows what they stand for', async (t) => {
    const reference = `\${file:{dir}/values.properties:topic}`;
    const config = { 'connector.class': 'FileStreamSource', topic: reference, 'tasks.max': reference };
    const validate = ['PUT', '/connector-plugins/FileStreamSource/config/validate', config] as const;
    const shown = async (side: Side, key: string) => {
      const { configs } = (await side.send(validate)).body as { configs: { value: Value }[] };
      return configs.find(({ value }) => value.name === key)!.value;
    };
    t.match(await shown(pair.java, 'topic'), { value: 'resolved', errors: [] });
    t.match(await shown(pair.ours, 'topic'), { value: reference, errors: [] });
    t.match(
      (await shown(pair.java, 'tasks.max')).errors[0],
      'Invalid value resolved for configuration tasks.max: Not a',
    );
    t.match(
      (await shown(pair.ours, 'tasks.max')).errors[0],
      `Invalid value ${reference} for configuration tasks.max: Not a`,
    );
  });
});
