import { spawnSync } from 'node:child_process';
import t from 'tap';

/** Asks for a service in a process of its own, with another environment. */
function ask(expression: string, env: NodeJS.ProcessEnv) {
  const index = JSON.stringify(new URL('../src/index.ts', import.meta.url).href);
  const script = `import * as services from ${index}; process.stdout.write(JSON.stringify(await services.${expression}));`;
  const options = { encoding: 'utf8', env: { PATH: process.env.PATH, ...env } } as const;
  return spawnSync(process.execPath, ['--input-type=module', '--eval', script], options);
}

t.test('without Java a suite is skipped with the reason', (t) => {
  const noJava = { JAVA_HOME: '/nowhere' };
  const reason = 'Kafka suite needs Java 17 and Maven: /nowhere/bin/java was not found';
  t.same(JSON.parse(ask("available('kafka')", noJava).stdout), { ok: false, reason });
  t.same(JSON.parse(ask("skipUnlessAvailable('kafka')", noJava).stdout), reason);
  t.end();
});

t.test('an InfluxDB suite is skipped until InfluxDB is built, unless it may be built and cannot', (t) => {
  const notBuilt = { TRIBUTARY_CACHE: t.testdir(), CI: 'true' };
  const build = 'InfluxDB suite needs its server: build it once with npm run services -- build influxdb';
  t.equal(JSON.parse(ask("skipUnlessAvailable('influxdb')", notBuilt).stdout), build);
  t.match(ask('influxdb()', notBuilt).stderr, /InfluxDB is not built yet: npm run services -- build influxdb/);
  const noGo = { ...notBuilt, TRIBUTARY_BUILD_INFLUXDB: 'true', PATH: '/nowhere' };
  t.equal(
    JSON.parse(ask("skipUnlessAvailable('influxdb')", noGo).stdout),
    'InfluxDB suite needs its server: go was not found',
  );
  t.end();
});

t.test('on a CI machine nothing is skipped in silence', (t) => {
  const failed = ask("skipUnlessAvailable('connect')", { JAVA_HOME: '/nowhere', CI: 'true' });
  t.not(failed.status, 0);
  t.match(
    failed.stderr,
    /Kafka Connect suite needs Java 17 and Maven: .* was not found\. CI=true: it may not be skipped/,
  );
  t.end();
});
