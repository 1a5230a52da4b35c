import { ConfigError, messageOf } from '@tributary/api';
import { javaRegExp } from '@tributary/api/text';

/** What is wrong with a key's regular expression, or nothing. */
export function regexProblem(pattern: string): string | undefined {
  try {
    javaRegExp(pattern);
    return undefined;
  } catch (error) {
    return `Invalid regex: ${messageOf(error)}`;
  }
}

/** Runs what reads a key; its error becomes one that names the key. @throws ConfigError */
export function readingKey<T>(key: string, value: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new ConfigError(`Invalid value ${value} for configuration ${key}: ${messageOf(error)}`, { cause: error });
  }
}

/** Remembers what a function of few texts gave, such as a topic's new name. */
export function remembering<T>(compute: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    let result = known.get(text);
    if (result === undefined) {
      if (known.size >= 1000) known.clear();
      result = compute(text);
      known.set(text, result);
    }
    return result;
  };
}
