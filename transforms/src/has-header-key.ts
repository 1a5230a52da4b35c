import { definePredicate, string } from '@tributary/api';
import { PACKAGE, VERSION } from './common-keys.ts';

export const hasHeaderKey = definePredicate({
  class: `${PACKAGE}.predicates.HasHeaderKey`,
  aliases: ['HasHeaderKey'],
  version: VERSION,
  doc: 'Holds for records with at least one header of a name.',
  config: { name: string({ nonEmpty: true, doc: "The header's name." }) },
  create:
    ({ name }) =>
    (record) =>
      record.headers.some((header) => header.key === name),
});
