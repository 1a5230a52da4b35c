/** Where in a value something is, for the end of a message. */
export const at = (path: string): string => (path === '' ? '' : ` at ${path}`);

/** The path of a field, or of the items, of what is at a path. */
export const below = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);
