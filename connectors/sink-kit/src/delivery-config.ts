import { type Config, int } from '@tributary/api';

const GROUP = 'Writes';

/** The keys of a sink's definition that say how it writes; a sink may replace single ones by others of the same type. */
export const deliveryConfig = {
  'batch.size': int({
    default: 5000,
    min: 1,
    importance: 'medium',
    group: GROUP,
    doc: 'The most records that are written at once. How many there are to write is bounded by consumer.override.max.poll.records.',
  }),
  'linger.ms': int({
    default: 0,
    min: 0,
    importance: 'low',
    group: GROUP,
    doc: 'How long records may wait for more to be written together with them, in milliseconds, as long as there are fewer than batch.size. 0: they do not wait.',
  }),
  'max.retries': int({
    default: 10,
    min: 0,
    importance: 'medium',
    group: GROUP,
    doc: 'How often in a row a write is tried again after an error that may pass, such as a deadlock or a throttled request, before the task fails. A store that cannot be reached is tried without end.',
  }),
  'retry.backoff.ms': int({
    default: 300,
    min: 1,
    importance: 'medium',
    group: GROUP,
    doc: 'The pause before the first retry, in milliseconds; it doubles each time, and up to half of it is taken off by chance.',
  }),
  'retry.backoff.max.ms': int({
    default: 30_000,
    min: 1,
    importance: 'low',
    group: GROUP,
    doc: 'The longest pause between two attempts, in milliseconds.',
  }),
} as const;

export type DeliveryConfig = Config<typeof deliveryConfig>;
