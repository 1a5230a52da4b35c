import { ConfigError, type Props } from '@tributary/api';
import { type JavaRegExp, javaRegExp } from '@tributary/api/text';
import type { Broker, TopicDescription, TopicSpec } from '../broker/port.ts';
import { withPrefix } from '../config/worker-config.ts';

const DEFAULT_GROUP = 'default';
const OWN_KEYS = new Set(['include', 'exclude', 'replication.factor', 'partitions']);

interface Group {
  readonly name: string;
  matches(topic: string): boolean;
  spec(topic: string): TopicSpec;
}

const patterns = (text: string | undefined): JavaRegExp[] =>
  (text ?? '').split(',').flatMap((pattern) => (pattern.trim() ? [javaRegExp(pattern.trim())] : []));

function group(props: Props, name: string, fallback: Props): Group {
  const own = withPrefix(props, `topic.creation.${name}.`);
  const merged = { ...fallback, ...own };
  const [include, exclude] = [patterns(own['include']), patterns(own['exclude'])];
  const number = (key: string): number => {
    const value = Number(merged[key] ?? -1);
    if (!Number.isInteger(value) || (value < 1 && value !== -1)) {
      throw new ConfigError(
        `Invalid value ${merged[key]} for configuration topic.creation.${name}.${key}: write a number of at least 1, or -1 for the broker's default`,
      );
    }
    return value;
  };
  const configs = Object.fromEntries(Object.entries(own).filter(([key]) => !OWN_KEYS.has(key)));
  return {
    name,
    matches: (topic) =>
      name === DEFAULT_GROUP || (include.some((p) => p.matches(topic)) && !exclude.some((p) => p.matches(topic))),
    spec: (topic) => ({
      name: topic,
      partitions: number('partitions'),
      replicationFactor: number('replication.factor'),
      configs,
    }),
  };
}

/**
 * How a source's topics are created (KIP-158): by the first of `topic.creation.groups` that matches, else by
 * `topic.creation.default.*`, else with the broker's defaults.
 */
export function topicSpecs(props: Props, enabled: boolean): (topic: string) => TopicSpec {
  const plain = (name: string): TopicSpec => ({ name, partitions: -1, replicationFactor: -1, configs: {} });
  if (!enabled) return plain;
  const fallback = withPrefix(props, `topic.creation.${DEFAULT_GROUP}.`);
  const names = (props['topic.creation.groups'] ?? '').split(',').map((name) => name.trim());
  const groups = [...names.filter((name) => name !== '' && name !== DEFAULT_GROUP), DEFAULT_GROUP].map((name) =>
    group(props, name, fallback),
  );
  return (topic) => groups.find((candidate) => candidate.matches(topic))!.spec(topic);
}

/** Makes sure that a topic is there before records go to it. @returns its description, unless the broker is not yet able to tell */
export async function ensureTopic(broker: Broker, spec: TopicSpec): Promise<TopicDescription | undefined> {
  const found = (await broker.topics.describe([spec.name])).get(spec.name);
  if (found) return found;
  await broker.topics.create(spec);
  return (await broker.topics.describe([spec.name])).get(spec.name);
}
