import { ConfigError } from '@tributary/api';

/** A range of versions. */
export interface VersionRange {
  /** As messages show it, with both its ends. */
  readonly text: string;
  contains(version: string): boolean;
}

function compareVersions(a: string, b: string): number {
  const left = a.split(/[.-]/);
  const right = b.split(/[.-]/);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [l, r] = [left[i] ?? '0', right[i] ?? '0'];
    const order = /^\d+$/.test(l) && /^\d+$/.test(r) ? Number(l) - Number(r) : l < r ? -1 : l > r ? 1 : 0;
    if (order !== 0) return order;
  }
  return 0;
}

/**
 * Parses a version range in Maven's notation (KIP-891): `[1.0,2.0)`, `[1.2]`, a bare `1.2`, which here means exactly that one, or
 * `latest`, which is any.
 * @throws ConfigError if it is not one
 */
export function parseVersionRange(range: string): VersionRange {
  const given = range.trim();
  if (given === 'latest') return { text: given, contains: () => true };
  const match = /^([[(])([^,[\]()]*)(?:,([^,[\]()]*))?([\])])$/.exec(/^[[(]/.test(given) ? given : `[${given}]`);
  if (!match) throw new ConfigError(`Invalid version specification: ${given}: write 1.2.3, [1.0,2.0) or [1.2,)`);
  const [, open, from, to = from, close] = match;
  const [low, high] = [from!.trim(), to!.trim()];
  return {
    text: `${open}${low},${high}${close}`,
    contains(version) {
      if (given === '') return false;
      const above = low === '' ? 1 : compareVersions(version, low);
      const below = high === '' ? -1 : compareVersions(version, high);
      return (above > 0 || (above === 0 && open === '[')) && (below < 0 || (below === 0 && close === ']'));
    },
  };
}
