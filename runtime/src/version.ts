import { readFileSync } from 'node:fs';

const packageJson = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

export const TRIBUTARY_VERSION = packageJson.version;

/** The version of Kafka Connect's contract that is implemented: clients ask the worker for it to find out what it can do. */
export const CONNECT_VERSION = '4.1.0';

/** Where Java workers tell the commit they were built from. */
export const CONNECT_COMMIT = `tributary-${TRIBUTARY_VERSION}`;
