import { type CrossOrigin, crossOrigin } from '../config/cross-origin.ts';
import { type HeaderRule, parseHeaderRules } from '../config/response-headers.ts';
import type { WorkerConfig } from '../config/worker-config.ts';

/** What the worker's config says about the REST API. */
export interface RestSettings {
  /** Null: pages of other origins may not use it. */
  readonly crossOrigin: CrossOrigin | null;
  readonly headerRules: readonly HeaderRule[];
  /** How large the body of a request may be. */
  readonly maxBytes: number;
}

export function restSettings(config: WorkerConfig): RestSettings {
  return {
    crossOrigin: crossOrigin(config['access.control.allow.origin'], config['access.control.allow.methods']),
    headerRules: parseHeaderRules(config['response.http.headers.config']),
    maxBytes: config['rest.request.max.bytes'],
  };
}
