import { DataError } from '@tributary/api';

const PACKAGE = 'io.confluent.kafka.serializers.subject.';
const NAMES = ['TopicNameStrategy', 'RecordNameStrategy', 'TopicRecordNameStrategy'] as const;
type Name = (typeof NAMES)[number];

/** The strategies by their full class names. */
export const SUBJECT_NAME_STRATEGIES: readonly string[] = NAMES.map((name) => PACKAGE + name);

/**
 * Names the subject under which a schema is registered.
 * @param recordName gives the full name of the record type; only called where the name is needed, null if the schema has none
 * @throws DataError where the strategy needs a record's name and there is none
 */
export type SubjectName = (topic: string, recordName: () => string | null) => string;

function nameOf(className: string): Name | undefined {
  const simple = className.startsWith(PACKAGE) ? className.slice(PACKAGE.length) : className;
  return NAMES.find((name) => name === simple);
}

/** What is wrong with a value of `key.subject.name.strategy` or its like; nothing if it is a strategy's full or simple name. */
export function strategyProblem(className: string): string | undefined {
  return nameOf(className) ? undefined : `must be one of ${SUBJECT_NAME_STRATEGIES.join(', ')}`;
}

/** @param className a name that {@link strategyProblem} finds nothing wrong with */
export function subjectName(className: string, isKey: boolean): SubjectName {
  const strategy = nameOf(className)!;
  const suffix = isKey ? '-key' : '-value';
  if (strategy === 'TopicNameStrategy') return (topic) => topic + suffix;
  const required = (topic: string, name: string | null): string => {
    if (name !== null) return name;
    throw new DataError(
      `${strategy} names subjects by the name of a record, but the ${isKey ? 'key' : 'value'} (topic '${topic}') is no record. ` +
        `Use ${PACKAGE}TopicNameStrategy, or a transform that makes it a struct with a name.`,
    );
  };
  return strategy === 'RecordNameStrategy'
    ? (topic, recordName) => required(topic, recordName())
    : (topic, recordName) => `${topic}-${required(topic, recordName())}`;
}
