import type { Props, ReportError } from '@tributary/api';
import { checkProxy, connectionOf, unreachable } from '@tributary/http-kit';
import { HEADER_PREFIX, type HttpConfig, headersOf, initialValues, TLS_PREFIX } from './config.ts';
import { fieldsOf, fill, templateFault } from './template.ts';

/** Checks across keys, and whether the server can be reached. */
export async function validate(
  config: HttpConfig,
  report: ReportError,
  signal: AbortSignal,
  props: Readonly<Props>,
): Promise<void> {
  checkProxy(config, report);
  checkTemplates(config, report, props);
  checkPaging(config, report);
  checkAuth(config, report);
  const url = URL.parse(fill(config['http.url'], { now: 0, page: '0', offset: {} }, encodeURIComponent));
  if (!url || !/^https?:$/.test(url.protocol))
    return report(
      'http.url',
      'It makes no URL: expected one such as https://api.example.com/v1/items?since=${offset.updated}',
    );
  for (const [key, where] of [
    ['http.url', url],
    ['oauth2.token.url', config['auth.type'] === 'oauth2' ? URL.parse(config['oauth2.token.url'] ?? '') : null],
  ] as const) {
    if (!where) continue;
    // The root is asked, and any answer will do: what the API itself is asked may count, or cost.
    const request = { method: 'HEAD', url: new URL('/', where) };
    const reason = await unreachable({ client: connectionOf(config, props, TLS_PREFIX), request }, signal);
    if (reason !== null)
      report(key, `The server cannot be reached: ${reason}. Check the URL, and 'proxy.url' if there is a proxy`);
  }
}

function checkTemplates(config: HttpConfig, report: ReportError, props: Readonly<Props>): void {
  const fields = new Set(config['offset.fields']);
  const initial = initialValues(config);
  const templates = new Map([
    ['http.url', config['http.url']],
    ['http.body', config['http.body'] ?? ''],
    ...[...headersOf(props)].map(([name, value]): [string, string] => [HEADER_PREFIX + name, value]),
  ]);
  for (const [key, template] of templates) {
    const fault = key.startsWith(HEADER_PREFIX) ? templateFault(template) : undefined;
    if (fault) report(key, fault);
    for (const field of fieldsOf(template)) {
      if (!fields.has(field)) report(key, `\${offset.${field}} needs the field '${field}' in 'offset.fields'`);
      else if (!(field in initial))
        report('offset.initial', `\${offset.${field}} needs a value to begin with: ${field}=...`);
    }
  }
  for (const pair of config['offset.initial'])
    if (!fields.has(pair.split('=', 1)[0]!) || !pair.includes('='))
      report('offset.initial', `'${pair}' should be name=value, with a name of 'offset.fields'`);
  for (const field of fields)
    if (field.startsWith('_'))
      report('offset.fields', `'${field}' cannot be used: names with _ first are the connector's own`);
  if (config['http.method'] === 'GET' && config['http.body'] !== null)
    report('http.body', 'A GET has no body: set http.method=POST');
}

function checkPaging(config: HttpConfig, report: ReportError): void {
  const type = config['paging.type'];
  if ((type === 'cursor' || type === 'url') && config['paging.path'] === null)
    report('paging.path', `paging.type=${type} needs the path of the next page in the answer`);
  if (config['paging.size.parameter'] !== null && config['paging.size'] === null)
    report('paging.size', "'paging.size.parameter' needs a size");
}

function checkAuth(config: HttpConfig, report: ReportError): void {
  const needs = {
    none: [],
    header: ['auth.header.value'],
    basic: ['auth.username', 'auth.password'],
    oauth2: ['oauth2.token.url', 'oauth2.client.id', 'oauth2.client.secret'],
  } as const;
  for (const key of needs[config['auth.type']])
    if (config[key] === null) report(key, `auth.type=${config['auth.type']} needs it`);
  const url = config['oauth2.token.url'];
  if (url !== null && !URL.parse(url)) report('oauth2.token.url', 'Expected a URL');
}
