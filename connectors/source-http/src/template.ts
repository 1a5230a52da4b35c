/** `${name}` in a text. */
const STAND_IN = /\$\{([^{}]*)\}/g;
const TIMES: Readonly<Record<string, (now: number) => string>> = {
  now: (now) => new Date(now).toISOString(),
  'now.ms': (now) => String(now),
  'now.s': (now) => String(Math.floor(now / 1000)),
};
const OFFSET = 'offset.';

/** What is wrong with a template. */
export function templateFault(template: string): string | undefined {
  for (const [whole, name] of template.matchAll(STAND_IN))
    if (!(name! in TIMES) && name !== 'page' && !name!.startsWith(OFFSET))
      return `${whole} stands for nothing: there are \${offset.x}, \${now}, \${now.s}, \${now.ms} and \${page}`;
  return template.replace(STAND_IN, '').includes('${') ? 'A ${ is not closed' : undefined;
}

/** The fields of the offset that a template needs. */
export const fieldsOf = (template: string): readonly string[] =>
  [...template.matchAll(STAND_IN)].flatMap(([, name]) => (name!.startsWith(OFFSET) ? name!.slice(OFFSET.length) : []));

export const hasPage = (template: string): boolean => template.includes('${page}');

export interface Standing {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Empty before there is one. */
  readonly page: string;
  readonly offset: Readonly<Record<string, unknown>>;
}

/**
 * The text that a template makes.
 * @param escaped is applied to each value
 */
export function fill(template: string, { now, page, offset }: Standing, escaped: (value: string) => string): string {
  return template.replace(STAND_IN, (_whole, name: string) => {
    const time = TIMES[name];
    if (time) return escaped(time(now));
    if (name === 'page') return escaped(page);
    return escaped(String(offset[name.slice(OFFSET.length)] ?? ''));
  });
}
