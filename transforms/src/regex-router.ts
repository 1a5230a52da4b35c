import { defineTransform, string } from '@tributary/api';
import { javaRegExp, javaReplacement } from '@tributary/api/text';
import { PACKAGE, VERSION } from './common-keys.ts';
import { readingKey, regexProblem, remembering } from './regex-key.ts';

export const regexRouter = defineTransform({
  class: `${PACKAGE}.RegexRouter`,
  aliases: ['RegexRouter'],
  version: VERSION,
  doc: 'Renames the topic where its whole name matches a regular expression of Java.',
  config: {
    regex: string({
      importance: 'high',
      doc: "The regular expression for the topic's whole name, in Java's syntax.",
      validate: regexProblem,
    }),
    replacement: string({
      importance: 'high',
      doc: 'What the first match is replaced with; $1 stands for the first group, a name in braces behind the $ for a named one.',
    }),
  },
  create({ regex, replacement }) {
    const pattern = readingKey('regex', regex, () => javaRegExp(regex));
    const replace = readingKey('replacement', replacement, () => javaReplacement(replacement, pattern));
    const route = remembering((topic) => (pattern.matches(topic) ? pattern.replaceFirst(topic, replace) : topic));
    return (record) => {
      const topic = route(record.topic);
      return topic === record.topic ? record : { ...record, topic };
    };
  },
});
