export { type CheckOptions, unreachable } from './check.ts';
export { HttpClient, type HttpRequest, type HttpResponse } from './client.ts';
export { checkProxy, type ProxySettings, proxyKeys } from './dispatcher.ts';
export { HttpFault, type HttpFaultReason, isPassing } from './fault.ts';
export { type ConnectionConfig, connectionKeys, connectionOf } from './keys.ts';
export { RateLimit, type RateLimitOptions } from './rate-limit.ts';
export { retryAfter } from './retry-after.ts';
export { Share } from './share.ts';
