import { join } from 'node:path';
import { javaRun } from '../src/index.ts';

const sourceFile = join(import.meta.dirname, 'java', 'Topic.java');

/** Appends a record to partition 0 of a topic, which the broker creates when need be, and waits until it is acknowledged. */
export async function write(bootstrap: string, topic: string, value: string): Promise<void> {
  await javaRun({ sourceFile, args: ['write', bootstrap, topic, value] });
}

/** All values of partition 0 of a topic. */
export async function read(bootstrap: string, topic: string): Promise<string[]> {
  const printed = await javaRun({ sourceFile, args: ['read', bootstrap, topic] });
  return printed.split('\n').filter((line) => line !== '');
}
