/** A parameter of a query as fastify gives it: a list where it is repeated. */
export type QueryValue = string | readonly string[] | undefined;

/** Of a parameter that is repeated the first counts, as in Java. */
export function firstOf(value: QueryValue): string | undefined {
  return typeof value === 'object' ? value[0] : value;
}

/** The path and the query of a request, each as it was sent; the query without its question mark. */
export function pathAndQuery(url: string): readonly [path: string, query: string] {
  const [path = '', query = ''] = url.split(/\?(.*)/s);
  return [path, query];
}
