import { messageOf, type PluginKind } from '@tributary/api';
import type { PluginRegistry } from '../plugins/registry.ts';

/** Why none of a plugin's versions will do, in Java's words; nothing if one does, if none is asked for, or if there is no such plugin. */
export function versionProblem(
  registry: PluginRegistry,
  kinds: readonly PluginKind[],
  name: string | undefined,
  range: string | undefined,
): string | undefined {
  if (!name || range === undefined) return undefined;
  try {
    if (!registry.find(kinds, name)) return undefined;
  } catch {
    return undefined;
  }
  try {
    registry.find(kinds, name, range);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
