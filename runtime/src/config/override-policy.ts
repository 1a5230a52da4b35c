/** Which configs of the Kafka clients connectors may override (KIP-458). */
export interface OverridePolicy {
  readonly name: string;
  allows(key: string): boolean;
}

const PACKAGE = 'org.apache.kafka.connect.connector.policy.';
const SUFFIX = 'ConnectorClientConfigOverridePolicy';
const PRINCIPAL_KEYS: ReadonlySet<string> = new Set(['sasl.jaas.config', 'sasl.mechanism', 'security.protocol']);

const POLICIES: readonly OverridePolicy[] = [
  { name: 'All', allows: () => true },
  { name: 'None', allows: () => false },
  { name: 'Principal', allows: (key) => PRINCIPAL_KEYS.has(key) },
];

/** The policy by its short or its full name; undefined if there is none. */
export function overridePolicy(given: string): OverridePolicy | undefined {
  return POLICIES.find(({ name }) => [name, name + SUFFIX, PACKAGE + name + SUFFIX].includes(given.trim()));
}

/** Why a policy cannot be had, or nothing. */
export const overridePolicyProblem = (given: string): string | undefined =>
  overridePolicy(given)
    ? undefined
    : `Class ${given} could not be found; there are ${POLICIES.map(({ name }) => name).join(', ')}`;
