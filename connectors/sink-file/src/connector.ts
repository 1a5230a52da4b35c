import { defineSink, type SinkTask, string } from '@tributary/api';
import { lineOf } from './line.ts';
import { type Output, openFile, standardOutput } from './output.ts';

/** Appends the value of each record, as a line of text, to a file or to the standard output. */
export const fileSink = defineSink({
  class: 'org.apache.kafka.connect.file.FileStreamSinkConnector',
  aliases: ['FileStreamSink', 'FileStreamSinkConnector'],
  taskClass: 'org.apache.kafka.connect.file.FileStreamSinkTask',
  version: '4.1.0',
  doc: 'Appends the value of each record to a file, as a line of text in UTF-8.',
  config: {
    file: string({
      default: null,
      importance: 'high',
      doc: 'The file to append to; it is created if need be. Without it the lines go to the standard output of the worker.',
    }),
  },
  // The offsets of its group are all that it has.
  alterOffsets: () => true,
  async start(config): Promise<SinkTask> {
    const output: Output = config.file === null ? standardOutput() : await openFile(config.file);
    return {
      async put(records) {
        if (records.length > 0) await output.write(records.map(lineOf));
      },
      stop: () => output.close(),
    };
  },
});
