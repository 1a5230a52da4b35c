import { isPlainObject } from '@tributary/api';
import { HttpFault } from '@tributary/http-kit';

export interface ScreenerPage {
  readonly symbols: readonly string[];
  /** How many there are on all pages. */
  readonly total: number;
}

type Json = Readonly<Record<string, unknown>>;
const objectOf = (value: unknown): Json => (isPlainObject(value) ? (value as Json) : {});

/** Reads the answer of `/v1/finance/screener/predefined/saved`. @throws HttpFault if it is not one */
export function parseScreener(answer: unknown): ScreenerPage {
  const { result } = objectOf(objectOf(answer).finance);
  const { quotes, total } = objectOf(Array.isArray(result) ? result[0] : undefined);
  if (!Array.isArray(quotes))
    throw new HttpFault("Yahoo's screener makes no sense: there is no finance.result[0].quotes", {
      reason: 'malformed',
    });
  const symbols = quotes.flatMap((quote) => {
    const { symbol } = objectOf(quote);
    return typeof symbol === 'string' ? symbol : [];
  });
  return { symbols, total: typeof total === 'number' ? total : symbols.length };
}
