/** The number that an option was given as text, or else its default. @throws Error if it is less than `least`, or no number */
export function numberOption(name: string, text: string | undefined, preset: number, least: number): number {
  const value = Number(text ?? preset);
  if (!(value >= least)) throw new Error(`--${name} takes a number from ${least}, not ${text}`);
  return value;
}

/** What `--seed` was given, or else a number by chance. */
export const seedOption = (text: string | undefined): number =>
  numberOption('seed', text, Math.floor(Math.random() * 2 ** 32), 0);
