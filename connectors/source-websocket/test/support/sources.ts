/** The `message` of a log line that matches. */
export const logged = (log: readonly { readonly message: string }[], pattern: RegExp): boolean =>
  log.some((line) => pattern.test(line.message));
