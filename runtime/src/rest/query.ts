/** A parameter of a query as fastify gives it: a list where it is repeated. */
export type QueryValue = string | readonly string[] | undefined;

/** Of a parameter that is repeated the first counts, as in Java. */
export function firstOf(value: QueryValue): string | undefined {
  return typeof value === 'object' ? value[0] : value;
}
