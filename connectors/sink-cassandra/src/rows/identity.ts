/** Tells keys apart: equal for equal values only. Values that mean the same in different forms, such as 5 and '5', may have different ones. */
export type Identity = string | number;

const NUL = '\0';

/**
 * The identity of a value as a record holds it. Most values are their own: nothing is made for them.
 * @param bytesOf the bytes of values that are objects
 */
export function identityOf(value: unknown, bytesOf: (value: object) => Buffer): Identity {
  if (typeof value === 'number' && value !== 0) return value;
  if (typeof value === 'string' && !value.startsWith(NUL)) return value;
  return NUL + identityPart(value, bytesOf);
}

/** Of one of several values: put together, their parts are the identity of all. Each tells where it ends. */
export function identityPart(value: unknown, bytesOf: (value: object) => Buffer): string {
  switch (typeof value) {
    case 'number':
      // 0 and -0 are two values of a double.
      return Object.is(value, -0) ? 'n-0|' : `n${value}|`;
    case 'string':
      return `s${value.length}:${value}`;
    case 'object': {
      if (value === null) return '-';
      const bytes = bytesOf(value);
      return `b${bytes.length}:${bytes.toString('latin1')}`;
    }
    default:
      return `${typeof value} ${String(value)}|`;
  }
}
