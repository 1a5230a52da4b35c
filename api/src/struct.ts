/** Whether reading the name from an object without such a key finds something all the same (`constructor`, `__proto__` ...). */
export function isInheritedName(name: string): boolean {
  return name in Object.prototype;
}

/** A field of a struct or an entry of a schemaless map, whatever its form; undefined if it is missing. */
export function getField(container: object, name: string): unknown {
  if (container instanceof Map) return container.get(name);
  return isInheritedName(name) && !Object.hasOwn(container, name)
    ? undefined
    : (container as Record<string, unknown>)[name];
}

/** Sets a field of a plain object that is being built; a field named `__proto__` becomes a field and no prototype. */
export function setField(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
  } else {
    target[name] = value;
  }
}

/** Whether a plain object would move the key to the front: it keeps those that look like array indexes sorted. */
export function isReorderedKey(key: string): boolean {
  const first = key.charCodeAt(0);
  return first >= 0x30 && first <= 0x39 && /^(?:0|[1-9]\d{0,9})$/.test(key);
}
