/** Log levels by the names that Kafka Connect's users know (log4j's), and pino's names for them. */
const PINO_LEVELS = {
  OFF: 'silent',
  FATAL: 'fatal',
  ERROR: 'error',
  WARN: 'warn',
  INFO: 'info',
  DEBUG: 'debug',
  TRACE: 'trace',
  ALL: 'trace',
} as const;

export type Level = keyof typeof PINO_LEVELS;

export const LEVELS = Object.keys(PINO_LEVELS) as readonly Level[];

/** What a line can be written at. */
export type LineLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

const RANK = { ALL: 0, TRACE: 10, DEBUG: 20, INFO: 30, WARN: 40, ERROR: 50, FATAL: 60, OFF: 100 } as const;
const LINE_RANK = { trace: 10, debug: 20, info: 30, warn: 40, error: 50 } as const;

/** In upper or lower case; undefined if it is none. */
export function parseLevel(text: string): Level | undefined {
  const upper = text.trim().toUpperCase();
  return Object.hasOwn(PINO_LEVELS, upper) ? (upper as Level) : undefined;
}

export function pinoLevel(level: Level): (typeof PINO_LEVELS)[Level] {
  return PINO_LEVELS[level];
}

/** Whether a logger at this level writes such a line. */
export function passes(level: Level, line: LineLevel): boolean {
  return LINE_RANK[line] >= RANK[level];
}
