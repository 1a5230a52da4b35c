import { definePredicate } from '@tributary/api';
import { PACKAGE, VERSION } from './common-keys.ts';

export const recordIsTombstone = definePredicate({
  class: `${PACKAGE}.predicates.RecordIsTombstone`,
  aliases: ['RecordIsTombstone'],
  version: VERSION,
  doc: 'Holds for records whose value is null.',
  config: {},
  create: () => (record) => record.value === null || record.value === undefined,
});
