import { DataError, defineTransform, string } from '@tributary/api';
import { DateFormat, timeZone } from '@tributary/api/text';
import { PACKAGE, VERSION } from './common-keys.ts';
import { readingKey } from './regex-key.ts';

const TOPIC = '$' + '{topic}';
const TIMESTAMP = '$' + '{timestamp}';

function dateOf(timestamp: number): Date {
  const date = new Date(timestamp);
  if (Number.isNaN(date.getTime())) throw new DataError(`${timestamp} is beyond the years that a Date can hold`);
  return date;
}

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
      doc: "How the timestamp is written, in the syntax of java.text.SimpleDateFormat, in the time of 'timezone'.",
    }),
    timezone: string({
      default: 'UTC',
      importance: 'low',
      doc: "The time zone in which the timestamp is written, such as Europe/Zurich or +02:00. Kafka's own always takes UTC.",
    }),
  },
  create(options) {
    const topicFormat = options['topic.format'];
    const pattern = options['timestamp.format'];
    const format = readingKey('timestamp.format', pattern, () => new DateFormat(pattern));
    const zone = readingKey('timezone', options.timezone, () => timeZone(options.timezone));
    return (record) => {
      if (record.timestamp === null) {
        throw new DataError(
          `Timestamp missing on record: topic '${record.topic}', partition ${record.partition}. TimestampRouter needs one.`,
        );
      }
      const timestamp = format.format(dateOf(record.timestamp), zone);
      const topic = topicFormat.replaceAll(TOPIC, () => record.topic).replaceAll(TIMESTAMP, () => timestamp);
      return { ...record, topic };
    };
  },
});
