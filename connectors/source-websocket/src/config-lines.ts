import { compileTemplate } from './template.ts';

/** A check of a value by whatever compiles it. */
export const compiles =
  (compile: (text: string) => unknown) =>
  (value: string | readonly string[], key: string): string | undefined => {
    try {
      for (const text of typeof value === 'string' ? [value] : value) compile(text);
      return undefined;
    } catch (error) {
      return `Invalid value ${value} for configuration ${key}: ${(error as Error).message}`;
    }
  };

/** Messages are one a line, since they are full of commas. */
export const linesOf = (text: string | null): readonly string[] =>
  (text ?? '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** A check of messages. */
export const lines = compiles((text) => linesOf(text).map(compileTemplate));
