import type { Clock, Logger, PluginMetrics, SourceOffsets } from '@tributary/api';
import type { Topics, YahooConfig } from './config.ts';
import type { Trouble } from './trouble.ts';
import type { YahooClient } from './yahoo-client.ts';

/** What the jobs of a task have in common. */
export interface Feed {
  readonly config: YahooConfig;
  readonly topics: Topics;
  readonly client: YahooClient;
  readonly clock: Clock;
  readonly offsets: SourceOffsets;
  readonly trouble: Trouble;
  readonly log: Logger;
  readonly metrics: PluginMetrics;
}
