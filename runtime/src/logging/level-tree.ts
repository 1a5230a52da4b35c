import type { Level } from './levels.ts';

/** A logger as the REST API shows it; the order of the fields is part of it. */
export interface LoggerLevel {
  readonly level: Level;
  /** Milliseconds since 1970; null until the level is set for the first time. */
  readonly last_modified: number | null;
}

interface Node extends LoggerLevel {
  /** Grows with each change, so that of several names the one that was set last counts. */
  readonly change: number;
}

const ROOT = 'root';

/** The root logger is known in any case of its letters, as in log4j. */
const nodeName = (name: string): string => (name.toLowerCase() === ROOT ? ROOT : name);

/** Names with their levels. A name is below another one if it goes on after a dot; all are below `root`. */
export class LevelTree {
  readonly #nodes = new Map<string, Node>();
  readonly #twinsOf: (name: string) => readonly string[];
  #changes = 0;

  /** @param twinsOf the names that stand for the same logger: a level that is set for one is set for all */
  constructor(level: Level, twinsOf: (name: string) => readonly string[]) {
    this.#twinsOf = twinsOf;
    this.#nodes.set(ROOT, { level, last_modified: null, change: 0 });
  }

  /** Makes a name known; it has the level of what is next above it. */
  add(name: string): void {
    if (!this.#nodes.has(name)) this.#nodes.set(name, { ...this.#above(name), last_modified: null });
  }

  #above(name: string): Node {
    for (let end = name.lastIndexOf('.'); end > 0; end = name.lastIndexOf('.', end - 1)) {
      const node = this.#nodes.get(name.slice(0, end));
      if (node) return node;
    }
    return this.#nodes.get(ROOT)!;
  }

  /** All known names in order. */
  levels(): Readonly<Record<string, LoggerLevel>> {
    const names = [...this.#nodes.keys()].sort();
    return Object.fromEntries(names.map((name) => [name, this.level(name)!]));
  }

  level(name: string): LoggerLevel | undefined {
    const node = this.#nodes.get(nodeName(name));
    return node && { level: node.level, last_modified: node.last_modified };
  }

  /** Sets the level of a name, which becomes known by that, and of all that are below it. @returns those that had another one, in order */
  set(given: string, level: Level, now: number): readonly string[] {
    const name = nodeName(given);
    this.add(name);
    const below = [...this.#nodes.keys()].filter((n) => name === ROOT || n === name || n.startsWith(`${name}.`)).sort();
    const changed = below.filter((n) => this.#nodes.get(n)!.level !== level);
    this.#changes++;
    for (const n of new Set(below.flatMap((own) => [own, ...this.#twinsOf(own)]))) {
      const before = this.#nodes.get(n);
      const last_modified = before?.level === level ? before.last_modified : now;
      this.#nodes.set(n, { level, last_modified, change: this.#changes });
    }
    return changed;
  }

  /** The level of what goes by several names: that of the one that was set last. The names must be known. */
  effective(names: readonly [string, ...string[]]): Level {
    return names.map((name) => this.#nodes.get(name)!).reduce((last, node) => (node.change > last.change ? node : last))
      .level;
  }
}
