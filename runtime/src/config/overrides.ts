import { ConfigError, type Props, string } from '@tributary/api';
import { type Checked, check } from './checked.ts';
import { withPrefix } from './worker-config.ts';

/** Which configs of the Kafka clients connectors may override (KIP-458). */
interface Policy {
  readonly name: string;
  allows(key: string): boolean;
}

const PACKAGE = 'org.apache.kafka.connect.connector.policy.';
const SUFFIX = 'ConnectorClientConfigOverridePolicy';
const PRINCIPAL_KEYS: ReadonlySet<string> = new Set(['sasl.jaas.config', 'sasl.mechanism', 'security.protocol']);

const POLICIES: readonly Policy[] = [
  { name: 'All', allows: () => true },
  { name: 'None', allows: () => false },
  { name: 'Principal', allows: (key) => PRINCIPAL_KEYS.has(key) },
];

/** The policy by its short or its full name. @throws ConfigError if there is none */
export function overridePolicy(given: string): Policy {
  const found = POLICIES.find(({ name }) => [name, name + SUFFIX, PACKAGE + name + SUFFIX].includes(given.trim()));
  if (found) return found;
  throw new ConfigError(
    `Invalid value ${given} for configuration connector.client.config.override.policy: Class ${given} could not be found; there are ${POLICIES.map(({ name }) => name).join(', ')}`,
  );
}

/** The clients that a connector of a kind has. */
function clientsOf(kind: 'source' | 'sink', props: Props): readonly string[] {
  const has = (prefix: string): boolean => Object.keys(props).some((key) => key.startsWith(prefix));
  if (kind === 'source') return ['producer', ...(has('topic.creation.') ? ['admin'] : [])];
  return ['consumer', ...(props['errors.deadletterqueue.topic.name'] ? ['producer', 'admin'] : [])];
}

/** Checks the client configs that a connector overrides: each is listed, with an error where the worker's policy forbids it. */
export function checkOverrides(kind: 'source' | 'sink', props: Props, policyName: string): Checked[] {
  const policy = overridePolicy(policyName);
  return clientsOf(kind, props).flatMap((client) => {
    const prefix = `${client}.override.`;
    return Object.keys(withPrefix(props, prefix)).flatMap((name) => {
      const key = string({
        default: null,
        importance: 'low',
        displayName: name,
        doc: `The ${client}'s ${name}, instead of the one that the worker gives it.`,
        validate: () =>
          policy.allows(name)
            ? undefined
            : `The '${policy.name}' policy does not allow '${name}' to be overridden in the connector configuration.`,
      });
      return check({ [prefix + name]: key }, props);
    });
  });
}
