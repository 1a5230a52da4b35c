import type { Props } from '@tributary/api';
import { javaRegExp } from '@tributary/api/text';
import type { Checked } from './checked.ts';

const finder =
  (checked: readonly Checked[]) =>
  (name: string): Checked =>
    checked.find((c) => c.name === name)!;

function checkTopics(of: (name: string) => Checked): void {
  const [topics, regex, dlq] = [of('topics'), of('topics.regex'), of('errors.deadletterqueue.topic.name')];
  const names = (topics.value as readonly string[] | undefined) ?? [];
  const pattern = (regex.value as string | undefined) ?? '';
  const report = (message: string): void => {
    topics.errors.push(message);
    regex.errors.push(message);
  };
  if (names.length > 0 && pattern !== '')
    report('topics and topics.regex are mutually exclusive options, but both are set.');
  else if (names.length === 0 && pattern === '' && regex.errors.length === 0)
    report('Must configure one of topics or topics.regex');
  const letters = dlq.value as string | undefined;
  if (!letters) return;
  if (names.includes(letters)) {
    topics.errors.push(
      `The DLQ topic '${letters}' may not be included in the list of topics ('topics=[${names.join(', ')}]') consumed by the connector`,
    );
  } else if (pattern !== '' && regex.errors.length === 0 && javaRegExp(pattern).matches(letters)) {
    regex.errors.push(
      `The DLQ topic '${letters}' may not be matched by the regex for the topics ('topics.regex=${pattern}') consumed by the connector`,
    );
  }
}

/** What must hold between the keys that every sink has. @param worker the worker's config, for the name of its group */
export function checkSink(checked: readonly Checked[], props: Props, worker: Props): void {
  const of = finder(checked);
  checkTopics(of);
  const name = of('name');
  if (props['consumer.override.group.id'] === undefined && worker['group.id'] === `connect-${name.value}`)
    name.errors.push(
      `Consumer group for sink connector named ${name.value} conflicts with Connect worker group ${worker['group.id']}`,
    );
}
