import { type Props, password, string } from '@tributary/api';
import { type Checked, check } from './checked.ts';
import type { OverridePolicy } from './override-policy.ts';
import { soundsSecret } from './secret-keys.ts';
import { withPrefix } from './worker-config.ts';

/** The clients that a connector of a kind has. */
function clientsOf(kind: 'source' | 'sink', props: Props): readonly string[] {
  const has = (prefix: string): boolean => Object.keys(props).some((key) => key.startsWith(prefix));
  if (kind === 'source') return ['producer', ...(has('topic.creation.') ? ['admin'] : [])];
  return ['consumer', ...(props['errors.deadletterqueue.topic.name'] ? ['producer', 'admin'] : [])];
}

/** Checks the client configs that a connector overrides: each is listed, with an error where the worker's policy forbids it. */
export function checkOverrides(kind: 'source' | 'sink', props: Props, policy: OverridePolicy): Checked[] {
  return clientsOf(kind, props).flatMap((client) => {
    const prefix = `${client}.override.`;
    return Object.keys(withPrefix(props, prefix)).flatMap((name) => {
      const options = {
        default: null,
        importance: 'low',
        displayName: name,
        doc: `The ${client}'s ${name}, instead of the one that the worker gives it.`,
        validate: () =>
          policy.allows(name)
            ? undefined
            : `The '${policy.name}' policy does not allow '${name}' to be overridden in the connector configuration.`,
      } as const;
      const key = soundsSecret(name) ? password(options) : string(options);
      return check({ [prefix + name]: key }, props);
    });
  });
}
