import { boolean } from '@tributary/api';

/** The version that transforms show: that of the Kafka Connect whose behaviour they have. */
export const VERSION = '4.1.0';

export const PACKAGE = 'org.apache.kafka.connect.transforms';

export const replaceNullWithDefault = {
  'replace.null.with.default': boolean({
    default: true,
    doc: 'Whether a field that is null and has a default in its schema takes the default; otherwise it stays null.',
  }),
};
