import type { LogFields, Logger } from '@tributary/api';
import pino, { type Logger as Pino } from 'pino';

const LEVELS: Readonly<Record<number, string>> = {
  10: 'TRACE',
  20: 'DEBUG',
  30: 'INFO',
  40: 'WARN',
  50: 'ERROR',
  60: 'FATAL',
};

interface Line {
  readonly time: number;
  readonly level: number;
  readonly msg?: string;
  readonly connector?: string;
  readonly task?: number;
  readonly err?: { readonly stack?: string };
}

/** One log line as people read it. */
export function formatLine(json: string): string {
  const { time, level, msg = '', connector, task, err, ...rest } = JSON.parse(json) as Line & Record<string, unknown>;
  const owner = connector === undefined ? '' : `[${connector}${task === undefined ? '' : `|task-${task}`}] `;
  const fields = Object.entries(rest).map(
    ([key, value]) => ` ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const stack = err?.stack && level >= 50 ? `\n${err.stack.split('\n').slice(1, 9).join('\n')}` : '';
  return `${new Date(time).toISOString()} ${LEVELS[level] ?? level} ${owner}${msg}${fields.join('')}${stack}\n`;
}

export interface LogOptions {
  readonly level: string;
  /** `json`: one object a line, for machines. */
  readonly format: 'text' | 'json';
}

/** A pino logger on standard error. */
export function openLog({ level, format }: LogOptions): Pino {
  const write = (line: string): void => {
    process.stderr.write(format === 'json' ? line : formatLine(line));
  };
  return pino({ level, base: null, serializers: { err: pino.stdSerializers.err } }, { write });
}

/** The api's logger on top of pino's. */
export function loggerOf(log: Pino, bindings: LogFields = {}): Logger {
  const child = Object.keys(bindings).length === 0 ? log : log.child(bindings);
  const at =
    (level: 'trace' | 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields?: LogFields): void => {
      child[level](fields ?? {}, message);
    };
  return { trace: at('trace'), debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
