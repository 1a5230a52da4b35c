/** A time with microseconds, as feeds write it. */
export const iso = (time: number): string => new Date(time).toISOString().replace('Z', '123Z');

/** What a message has under a key, where that should be a list of texts. */
export const strings = (value: unknown): readonly string[] => value as readonly string[];
