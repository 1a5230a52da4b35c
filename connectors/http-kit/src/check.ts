import { messageOf } from '@tributary/api';
import { HttpClient, type HttpClientOptions, type HttpRequest } from './client.ts';
import { HttpFault } from './fault.ts';

export interface CheckOptions {
  readonly client: Omit<HttpClientOptions, 'metrics'>;
  readonly request: HttpRequest;
}

/** A check of a config waits no longer for a server. Milliseconds. */
const PATIENCE = 5000;

/**
 * Whether a server answers at all, whatever it says.
 * @returns what is wrong, or null
 */
export async function unreachable({ client, request }: CheckOptions, signal: AbortSignal): Promise<string | null> {
  const http = new HttpClient({ ...client, timeoutMs: Math.min(client.timeoutMs, PATIENCE) });
  try {
    await http.send(request, signal);
    return null;
  } catch (error) {
    if (error instanceof HttpFault && (error.reason === 'status' || error.reason === 'too-large')) return null;
    return messageOf(error);
  } finally {
    await http.destroy();
  }
}
