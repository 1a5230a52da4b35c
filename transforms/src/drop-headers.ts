import { defineTransform, list } from '@tributary/api';
import { PACKAGE, VERSION } from './common-keys.ts';

export const dropHeaders = defineTransform({
  class: `${PACKAGE}.DropHeaders`,
  aliases: ['DropHeaders'],
  version: VERSION,
  doc: 'Removes headers by name, every one of a name.',
  config: {
    headers: list({
      importance: 'high',
      doc: 'The names of the headers to remove.',
      validate: (names) => (names.length === 0 ? 'Empty list' : undefined),
    }),
  },
  create({ headers }) {
    const dropped = new Set(headers);
    return (record) =>
      record.headers.some(({ key }) => dropped.has(key))
        ? { ...record, headers: record.headers.filter(({ key }) => !dropped.has(key)) }
        : record;
  },
});
