import type { PluginMetrics } from '@tributary/api';

/** What a task counts. */
export function openMetrics(metrics: PluginMetrics) {
  return {
    messages: metrics.counter('messages-total', 'Messages that came over the WebSocket.'),
    bytes: metrics.counter('message-bytes-total', 'Bytes of these messages.'),
    records: metrics.counter('records-total', 'Records that were handed over to be written.'),
    connects: metrics.counter('connects-total', 'Connections that the feed accepted.'),
    disconnects: metrics.counter('disconnects-total', 'Connections that were lost, and attempts that failed.'),
    connected: metrics.gauge('connections-up', 'Connections that are up.'),
    duplicates: metrics.counter('duplicates-total', 'Records that came again and were dropped.'),
    gaps: metrics.counter('gaps-total', 'Gaps that were told.'),
    missing: metrics.counter('missing-records-total', 'Records that were given up.'),
    recovered: metrics.counter('recovered-records-total', 'Missing records that were found elsewhere or came late.'),
    malformed: metrics.counter('malformed-messages-total', 'Messages that could not be read.'),
    rejected: metrics.counter('rejected-subscriptions-total', 'Subscriptions that the feed refused.'),
    dropped: metrics.counter('dropped-records-total', 'Records that were dropped because the buffer was full.'),
    buffered: metrics.gauge('buffered-records', 'Records that wait to be handed over.'),
    fill: metrics.gauge('buffer-fill-ratio', 'How full the buffer is, from 0 to 1.'),
    held: metrics.gauge('held-records', 'Records that wait for missing ones.'),
    lag: metrics.summary(
      'event-lag-ms',
      'Milliseconds from the time of a record to when it was handed over; of the last record of a batch.',
    ),
  };
}

export type FeedMetrics = ReturnType<typeof openMetrics>;
