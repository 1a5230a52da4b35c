import { definePredicate, string } from '@tributary/api';
import { javaRegExp } from '@tributary/api/text';
import { PACKAGE, VERSION } from './common-keys.ts';
import { readingKey, regexProblem, remembering } from './regex-key.ts';

export const topicNameMatches = definePredicate({
  class: `${PACKAGE}.predicates.TopicNameMatches`,
  aliases: ['TopicNameMatches'],
  version: VERSION,
  doc: "Holds for records whose topic's whole name matches a regular expression.",
  config: {
    pattern: string({
      nonEmpty: true,
      doc: "The regular expression for the topic's name, in Java's syntax.",
      validate: regexProblem,
    }),
  },
  create({ pattern }) {
    const regExp = readingKey('pattern', pattern, () => javaRegExp(pattern));
    const matches = remembering((topic) => regExp.matches(topic));
    return (record) => matches(record.topic);
  },
});
