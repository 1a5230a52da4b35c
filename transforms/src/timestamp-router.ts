import { DataError, defineTransform, string } from '@tributary/api';
import { DateFormat } from '@tributary/api/text';
import { PACKAGE, VERSION } from './common-keys.ts';
import { readingKey } from './regex-key.ts';

const TOPIC = '$' + '{topic}';
const TIMESTAMP = '$' + '{timestamp}';

export const timestampRouter = defineTransform({
  class: `${PACKAGE}.TimestampRouter`,
  aliases: ['TimestampRouter'],
  version: VERSION,
  doc: "Puts the record's timestamp into the name of its topic.",
  config: {
    'topic.format': string({
      default: `${TOPIC}-${TIMESTAMP}`,
      importance: 'high',
      doc: `The new name of the topic; ${TOPIC} stands for the old one, ${TIMESTAMP} for the timestamp.`,
    }),
    'timestamp.format': string({
      default: 'yyyyMMdd',
      importance: 'high',
      doc: 'How the timestamp is written, in the syntax of java.text.SimpleDateFormat. UTC.',
    }),
  },
  create(options) {
    const topicFormat = options['topic.format'];
    const pattern = options['timestamp.format'];
    const format = readingKey('timestamp.format', pattern, () => new DateFormat(pattern));
    return (record) => {
      if (record.timestamp === null) {
        throw new DataError(
          `Timestamp missing on record: topic '${record.topic}', partition ${record.partition}. TimestampRouter needs one.`,
        );
      }
      const timestamp = format.format(new Date(record.timestamp));
      const topic = topicFormat.replaceAll(TOPIC, () => record.topic).replaceAll(TIMESTAMP, () => timestamp);
      return { ...record, topic };
    };
  },
});
