import { defineTransform } from '@tributary/api';
import { PACKAGE, VERSION } from './common-keys.ts';

export const filter = defineTransform({
  class: `${PACKAGE}.Filter`,
  aliases: ['Filter'],
  version: VERSION,
  doc: 'Drops every record it gets; a predicate says which it gets.',
  config: {},
  create: () => () => null,
});
