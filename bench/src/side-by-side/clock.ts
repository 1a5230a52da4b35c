/** The time, microseconds since 1970. */
export const nowMicros = (): number => Math.floor((performance.timeOrigin + performance.now()) * 1_000);
