import pino from 'pino';
import type { Level } from './levels.ts';
import { Loggers } from './loggers.ts';

const LABELS: Readonly<Record<number, string>> = {
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
  readonly logger?: string;
  readonly connector?: string;
  readonly task?: number;
  readonly err?: { readonly stack?: string };
}

/** One log line as people read it. */
export function formatLine(json: string): string {
  const {
    time,
    level,
    msg = '',
    logger,
    connector,
    task,
    err,
    ...rest
  } = JSON.parse(json) as Line & Record<string, unknown>;
  const owner = connector === undefined ? '' : `[${connector}${task === undefined ? '' : `|task-${task}`}] `;
  const fields = Object.entries(rest).map(
    ([key, value]) => ` ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const from = logger === undefined ? '' : ` (${logger})`;
  const stack = err?.stack && level >= 50 ? `\n${err.stack.split('\n').slice(1, 9).join('\n')}` : '';
  return `${new Date(time).toISOString()} ${LABELS[level] ?? level} ${owner}${msg}${fields.join('')}${from}${stack}\n`;
}

export interface LogOptions {
  /** The level of the root logger. */
  readonly level: Level;
  /** `json`: one object a line, for machines. */
  readonly format: 'text' | 'json';
  /** Takes the lines. Default: standard error. */
  readonly write?: (line: string) => void;
}

/** A line without what must not be shown; what names the logger and the fields stays. */
function redactedLine(json: string, redact: (text: string) => string): string {
  const line: unknown = JSON.parse(json, (key, value: unknown) =>
    typeof value === 'string' && key !== 'logger' ? redact(value) : value,
  );
  return `${JSON.stringify(line)}\n`;
}

/** Loggers on top of pino. */
export function openLoggers({ level, format, write = (line) => void process.stderr.write(line) }: LogOptions): Loggers {
  const output = (json: string): void => {
    const line = loggers.redact ? redactedLine(json, loggers.redact) : json;
    write(format === 'json' ? line : formatLine(line));
  };
  const log = pino({ level: 'trace', base: null, serializers: { err: pino.stdSerializers.err } }, { write: output });
  const loggers = new Loggers(log, level);
  return loggers;
}
