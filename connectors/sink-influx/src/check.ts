import type { Props, ReportError } from '@tributary/api';
import { arrivingTopics } from '@tributary/sink-kit';
import { verdict } from './http/answer.ts';
import { routeTo } from './http/destinations.ts';
import { InfluxFault } from './http/fault.ts';
import { Server } from './http/server.ts';
import type { Settings } from './settings.ts';

/** An answer that takes longer than this would also hold up writes. */
const TIMEOUT_MS = 5_000;

/** Of the topics of a connector whose buckets have the topic in their name. */
const MAX_NAMES = 10;

/**
 * Whether the server answers, and takes writes with these credentials to this place. A write without points needs what every write needs,
 * and no permission to read.
 */
export async function checkConnection(settings: Settings, props: Props, report: ReportError): Promise<void> {
  const server = new Server({ ...settings.server, timeoutMs: Math.min(TIMEOUT_MS, settings.server.timeoutMs) });
  try {
    await server.send('GET', '/ping', '');
    for (const name of namesToCheck(settings, props)) {
      const route = routeTo(settings.target, name);
      // A store that wants a point rejects the request, when everything else was well.
      verdict(await server.send('POST', route.path, ''), route);
    }
  } catch (error) {
    if (!(error instanceof InfluxFault)) throw error;
    report(error.key, error.message);
  } finally {
    server.close();
  }
}

/** With `topics.regex` the names are not known before there are records. */
function namesToCheck({ nameFor, target }: Settings, props: Props): readonly string[] {
  if (!target.name.includes('${topic}')) return [target.name];
  return [...new Set(arrivingTopics(props).map(nameFor))].slice(0, MAX_NAMES);
}
