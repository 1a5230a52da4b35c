import { readFile } from 'node:fs/promises';
import type { Props } from '@tributary/api';
import type { YahooConfig } from './config.ts';

/** In a task's config: its symbols, as a JSON array, if the connector's are all listed. */
const OWN = 'task.symbols';
/** In a task's config, if they come from a file or a screener: which part is its own, such as `0/3`. */
const PART = 'task.part';

/** The configs of the tasks that the symbols are spread over, at most `maxTasks`. */
export function divide(config: YahooConfig, maxTasks: number): readonly Props[] {
  const { symbols } = config;
  if (config['symbols.file'] === null && config['symbols.screener'] === null) {
    const tasks = Math.min(maxTasks, symbols.length);
    return Array.from({ length: tasks }, (_, task) => ({
      [OWN]: JSON.stringify(symbols.filter((_symbol, i) => i % tasks === task)),
      [PART]: `${task}/${tasks}`,
    }));
  }
  return Array.from({ length: maxTasks }, (_, task) => ({ [PART]: `${task}/${maxTasks}` }));
}

/** Which of the symbols are the task's. Where they come from a file, a symbol stays with its task whatever the others are. */
export interface Part {
  readonly tasks: number;
  owns(symbol: string): boolean;
}

export function partOf(props: Readonly<Props>): Part {
  const [task = 0, tasks = 1] = (props[PART] ?? '0/1').split('/').map(Number);
  const own = props[OWN];
  if (own === undefined) return { tasks, owns: (symbol) => hash(symbol) % tasks === task };
  const symbols = new Set(JSON.parse(own) as string[]);
  return { tasks, owns: (symbol) => symbols.has(symbol) };
}

/** FNV-1a of 32 bits, mixed once more so that its low bits are good. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193);
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  return (value ^ (value >>> 13)) >>> 0;
}

/** The symbols of a file. @throws the file system's errors */
export async function readSymbols(file: string): Promise<readonly string[]> {
  const text = await readFile(file, 'utf8');
  const symbols = text.split(/\r?\n/).flatMap((line) => line.replace(/#.*/, '').split(/[,\s]+/));
  return [...new Set(symbols.filter((symbol) => symbol !== ''))];
}
