import { defineSource, int, string } from '@tributary/api';
import { alterOffsets } from './offsets.ts';
import { readFile } from './read-file.ts';
import { readStream } from './read-stream.ts';

/** Turns the lines of a file, or of the standard input, into records. */
export const fileSource = defineSource({
  class: 'org.apache.kafka.connect.file.FileStreamSourceConnector',
  aliases: ['FileStreamSource', 'FileStreamSourceConnector'],
  taskClass: 'org.apache.kafka.connect.file.FileStreamSourceTask',
  version: '4.1.0',
  doc:
    'Turns each line of a file into a record with a string value and no key, and follows the file as it grows, ' +
    'is rotated or is truncated.',
  config: {
    file: string({
      default: null,
      importance: 'high',
      doc: 'The file to read. It need not exist yet. Without it the standard input of the worker is read.',
    }),
    topic: string({ nonEmpty: true, importance: 'high', doc: 'The topic that the lines go to.' }),
    'batch.size': int({
      default: 2000,
      importance: 'low',
      doc: 'The number of lines that the task hands over at a time, at most.',
    }),
  },
  run(config, context) {
    const limits = { topic: config.topic, batchSize: Math.max(config['batch.size'], 1) };
    return config.file ? readFile(config.file, limits, context) : readStream(process.stdin, limits, context);
  },
  alterOffsets: (config, offsets) => alterOffsets(config.file, offsets),
  exactlyOnceSupport: (config) => (config.file ? 'supported' : 'unsupported'),
});
