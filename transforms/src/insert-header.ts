import { defineTransform, string } from '@tributary/api';
import { parseLiteral } from '@tributary/api/text';
import { PACKAGE, VERSION } from './common-keys.ts';

export const insertHeader = defineTransform({
  class: `${PACKAGE}.InsertHeader`,
  aliases: ['InsertHeader'],
  version: VERSION,
  doc: 'Adds a header with a fixed value to each record.',
  config: {
    header: string({ importance: 'high', doc: 'The name of the header.' }),
    'value.literal': string({
      importance: 'high',
      doc: "The header's value; its type follows from the text: 1 is an integer, true a boolean, [1,2] an array.",
    }),
  },
  create({ header, ...options }) {
    const added = Object.freeze({ key: header, ...parseLiteral(options['value.literal']) });
    return (record) => ({ ...record, headers: [...record.headers, added] });
  },
});
