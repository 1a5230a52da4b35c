import { string } from '@tributary/api';

/** The version that converters show: that of the Kafka Connect whose behaviour they have. */
export const VERSION = '4.1.0';

/** The key that all converters have; the worker sets it. */
export const converterType = {
  'converter.type': string({
    oneOf: ['key', 'value', 'header'],
    importance: 'low',
    doc: 'What the converter is used for. The worker sets it.',
  }),
};
