import { ConfigError } from '@tributary/api';

type Compare = (version: string) => boolean;

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
 * Parses a version range in Maven's notation (KIP-891): `[1.0,2.0)`, `[1.2]`, or a bare `1.2`, which here means exactly that one.
 * @throws ConfigError if it is not one
 */
export function parseVersionRange(range: string): Compare {
  const text = range.trim();
  if (/^[^[\](),\s]+$/.test(text)) return (version) => compareVersions(version, text) === 0;
  const match = /^([[(])([^,[\]()]*)(?:(,)([^,[\]()]*))?([\])])$/.exec(text);
  if (!match) throw new ConfigError(`'${range}' is not a version range: write 1.2.3, [1.0,2.0) or [1.2,)`);
  const [, open, low, comma, high, close] = match;
  if (!comma) return (version) => compareVersions(version, low!.trim()) === 0;
  return (version) => {
    const above = low!.trim() === '' ? 1 : compareVersions(version, low!.trim());
    const below = high!.trim() === '' ? -1 : compareVersions(version, high!.trim());
    return (above > 0 || (above === 0 && open === '[')) && (below < 0 || (below === 0 && close === ']'));
  };
}
