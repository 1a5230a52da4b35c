import { influxdbBuildProblem, isInfluxdbBuilt, mayBuildInfluxdb } from './influxdb-build.ts';
import { javaVersion, jdkTool, MINIMUM_JAVA, versionProblem } from './java.ts';
import { isDownloaded, type MavenDownload } from './maven.ts';

/** What a suite can need that is written in Java. `java` is `javaRun`. */
type JavaService = 'kafka' | 'connect' | 'java' | 'schema-registry' | 'cassandra' | 'questdb';

/** What a suite can need. */
export type ServiceName = JavaService | 'influxdb';

/** Whether a service can be started on this machine, and if not, why. */
export type Availability = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** Services without which a run on a CI machine proves too little: there they must not be skipped. */
const REQUIRED_IN_CI: readonly ServiceName[] = ['kafka', 'connect', 'java', 'schema-registry', 'cassandra'];

const SUITES: Readonly<Record<ServiceName, string>> = {
  kafka: `Kafka suite needs Java ${MINIMUM_JAVA} and Maven`,
  connect: `Kafka Connect suite needs Java ${MINIMUM_JAVA} and Maven`,
  'schema-registry': `schema registry suite needs Java ${MINIMUM_JAVA} and Maven`,
  cassandra: `Cassandra suite needs Java ${MINIMUM_JAVA} and Maven`,
  questdb: `QuestDB suite needs Java ${MINIMUM_JAVA} and Maven`,
  influxdb: 'InfluxDB suite needs its server',
  java: `comparison with Java needs a Java ${MINIMUM_JAVA} JDK and Maven`,
};

/** What Maven must have brought, or be there to bring. */
const DOWNLOADS: Readonly<Record<JavaService, MavenDownload>> = {
  kafka: 'kafka',
  connect: 'kafka',
  'schema-registry': 'schema-registry',
  cassandra: 'cassandra',
  questdb: 'questdb',
  java: 'kafka',
};

const answers = new Map<ServiceName, Promise<Availability>>();

/**
 * Tells whether `name` can be started here: Java is new enough, and its files are cached or Maven can fetch them; InfluxDB is
 * built, or may and can be.
 */
export function available(name: ServiceName): Promise<Availability> {
  const known = answers.get(name);
  if (known) return known;
  const answer = examine(name);
  answers.set(name, answer);
  return answer;
}

async function examine(name: ServiceName): Promise<Availability> {
  const problem =
    name === 'influxdb' ? await influxdbProblem() : ((await javaProblem(name)) ?? (await filesProblem(name)));
  return problem === undefined ? { ok: true } : { ok: false, reason: `${SUITES[name]}: ${problem}` };
}

async function influxdbProblem(): Promise<string | undefined> {
  if (await isInfluxdbBuilt()) return undefined;
  return mayBuildInfluxdb() ? influxdbBuildProblem() : 'build it once with npm run services -- build influxdb';
}

async function javaProblem(name: JavaService): Promise<string | undefined> {
  if (process.platform === 'win32') return 'Windows is not supported';
  const version = await javaVersion();
  if (typeof version === 'object') return version.problem;
  if (version < MINIMUM_JAVA) return `the Java here is ${version}`;
  return name === 'java' ? versionProblem(jdkTool('javac')) : undefined;
}

async function filesProblem(name: JavaService): Promise<string | undefined> {
  return (await isDownloaded(DOWNLOADS[name])) ? undefined : versionProblem('mvn');
}

/**
 * For the `skip` option of a test: false when `name` can be started, else the reason why not.
 * On a CI machine (`CI=true`) a service that is required there is never skipped.
 *
 * @throws Error on a CI machine, with the reason.
 */
export async function skipUnlessAvailable(name: ServiceName): Promise<false | string> {
  const availability = await available(name);
  if (availability.ok) return false;
  if (process.env.CI === 'true' && REQUIRED_IN_CI.includes(name)) {
    throw new Error(`${availability.reason}. CI=true: it may not be skipped.`);
  }
  return availability.reason;
}
