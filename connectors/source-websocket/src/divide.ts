/** The connections of a config, as plain data: which symbols each subscribes to, and where. */
export interface Connection {
  readonly symbols: readonly string[];
  /** Which of the URLs. */
  readonly url: number;
}

/**
 * One connection for each URL and each part of the symbols that fits on one. Symbols are dealt out in turn, so that the first of a list,
 * which often are the busiest, do not all come to the same connection. Without symbols there is one connection for each URL.
 * @param least into how many parts the symbols are divided at least, as far as there are so many
 */
export function divideSymbols(
  symbols: readonly string[],
  urls: number,
  perConnection: number,
  least: number,
): readonly Connection[] {
  const parts = Math.max(1, Math.min(symbols.length, Math.max(least, Math.ceil(symbols.length / perConnection))));
  return Array.from({ length: urls }, (_, url) =>
    Array.from({ length: parts }, (_, part) => ({ symbols: symbols.filter((_, i) => i % parts === part), url })),
  ).flat();
}
