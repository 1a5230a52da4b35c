import type { LogFields, Logger } from '@tributary/api';
import type { Logger as Pino } from 'pino';
import { LevelTree, type LoggerLevel } from './level-tree.ts';
import { type Level, pinoLevel } from './levels.ts';
import { connectorLogger, FIXED_NAMES, type LoggerName, twinsOf } from './names.ts';

/** A logger that tells how much it writes, for one who makes lines elsewhere. */
export interface LeveledLogger extends Logger {
  readonly level: Level;
  /** Calls the listener when the level changes. @returns what ends that */
  onLevel(listener: (level: Level) => void): () => void;
}

const NO_FIELDS: LogFields = {};

/** The two voices of a task. */
export interface TaskLogs<L extends Logger = Logger> {
  /** The worker's. */
  readonly log: L;
  /** The connector's own. */
  readonly pluginLog: L;
}

/** What a task's loggers are named after. */
export interface TaskNames {
  readonly connector: string;
  readonly task: number;
  readonly kind: 'source' | 'sink';
  /** The full name of the connector's class. */
  readonly connectorClass: string;
}

/** The worker's loggers, whose levels can be set while it runs. A line below its logger's level costs one empty call. */
export class Loggers {
  readonly #pino: Pino;
  readonly #tree: LevelTree;
  readonly #loggers = new Map<string, PinoLogger>();
  /** Takes secrets out of every text that is written. Null while there are none. */
  redact: ((text: string) => string) | null = null;

  /** @param pino writes what it is given: levels are kept here */
  constructor(pino: Pino, level: Level) {
    this.#pino = pino;
    this.#tree = new LevelTree(level, twinsOf);
    for (const name of FIXED_NAMES) this.#tree.add(name);
  }

  get(name: LoggerName): LeveledLogger {
    return this.#logger([name], {});
  }

  ofTask({ connector, task, kind, connectorClass }: TaskNames): TaskLogs<LeveledLogger> {
    const own = connectorLogger(connector);
    return {
      log: this.#logger([`tributary.tasks.${kind}`, own], { connector, task }),
      pluginLog: this.#logger([own, connectorClass], { connector, task }),
    };
  }

  /** What a connector says when it divides its work. */
  ofConnector(connector: string, connectorClass: string): LeveledLogger {
    return this.#logger([connectorLogger(connector), connectorClass], { connector });
  }

  /** The same logger for the same names: tasks that are started again get the one they had. */
  #logger(names: readonly [string, ...string[]], bindings: LogFields): LeveledLogger {
    const key = JSON.stringify([names, bindings]);
    let logger = this.#loggers.get(key);
    if (!logger) {
      for (const name of names) this.#tree.add(name);
      logger = new PinoLogger(this.#pino.child({ logger: names[0], ...bindings }), names, this.#tree.effective(names));
      this.#loggers.set(key, logger);
    }
    return logger;
  }

  /** All known loggers by name, in order. */
  levels(): Readonly<Record<string, LoggerLevel>> {
    return this.#tree.levels();
  }

  level(name: string): LoggerLevel | undefined {
    return this.#tree.level(name);
  }

  /** Sets the level of a logger and of those below it. @returns the names of those that had another one, in order */
  setLevel(name: string, level: Level): readonly string[] {
    const affected = this.#tree.set(name, level, Date.now());
    for (const logger of this.#loggers.values()) logger.setLevel(this.#tree.effective(logger.names));
    return affected;
  }
}

class PinoLogger implements LeveledLogger {
  readonly names: readonly [string, ...string[]];
  readonly #pino: Pino;
  readonly #listeners = new Set<(level: Level) => void>();
  #level: Level;

  constructor(pino: Pino, names: readonly [string, ...string[]], level: Level) {
    this.names = names;
    this.#pino = pino;
    this.#level = level;
    pino.level = pinoLevel(level);
  }

  get level(): Level {
    return this.#level;
  }

  setLevel(level: Level): void {
    if (level === this.#level) return;
    this.#level = level;
    this.#pino.level = pinoLevel(level);
    for (const listener of this.#listeners) listener(level);
  }

  onLevel(listener: (level: Level) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  // Bound, since plugins take them out of the logger: `const { info } = context.log`.
  readonly trace = (message: string, fields?: LogFields): void => this.#pino.trace(fields ?? NO_FIELDS, message);
  readonly debug = (message: string, fields?: LogFields): void => this.#pino.debug(fields ?? NO_FIELDS, message);
  readonly info = (message: string, fields?: LogFields): void => this.#pino.info(fields ?? NO_FIELDS, message);
  readonly warn = (message: string, fields?: LogFields): void => this.#pino.warn(fields ?? NO_FIELDS, message);
  readonly error = (message: string, fields?: LogFields): void => this.#pino.error(fields ?? NO_FIELDS, message);
}
