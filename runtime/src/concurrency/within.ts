/** What a piece of work gives, or undefined if it takes longer than told; nothing ends it then. @throws what the work fails with in time */
export async function within<T>(ms: number, work: T | Promise<T>): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(late.resolve, ms, undefined);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
