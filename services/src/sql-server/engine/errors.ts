import { DEFINITIONS, type Reach } from './error-definitions.ts';

/** An error of SQL Server, as its ERROR token has it. */
export class SqlError extends Error {
  readonly number: number;
  readonly state: number;
  /** The severity. */
  readonly class: number;
  readonly reach: Reach;
  /** The line of the batch, from 1; 0 until it is known. */
  line = 0;

  constructor(number: number, message: string, of: { state: number; class: number; reach: Reach }) {
    super(message);
    this.name = 'SqlError';
    this.number = number;
    this.state = of.state;
    this.class = of.class;
    this.reach = of.reach;
  }
}

/**
 * The error of that number, its text filled with the arguments.
 *
 * @throws Error if the number is not one of those that this server knows
 */
export function sqlError(number: number, ...args: readonly unknown[]): SqlError {
  const definition = DEFINITIONS[number];
  if (!definition) throw new Error(`SQL Server's error ${number} has no definition here.`);
  const [level, state, reach, text] = definition;
  let next = 0;
  const message = text.replace(/%/g, () => String(args[next++] ?? ''));
  return new SqlError(number, message, { state, class: level, reach });
}
