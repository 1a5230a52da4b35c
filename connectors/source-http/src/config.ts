import { boolean, type Config, int, list, type Props, password, string } from '@tributary/api';
import { tlsKeys } from '@tributary/api/tls';
import { connectionKeys } from '@tributary/http-kit';
import { templateFault } from './template.ts';

export const TLS_PREFIX = 'http.';
/** Keys with this prefix are headers. */
export const HEADER_PREFIX = 'http.header.';

const [REQUEST, RECORDS, PAGES, AUTH] = ['Request', 'Records', 'Pages', 'Authentication'];

const template = (value: string): string | undefined => templateFault(value);

export const configDef = {
  topic: string({
    nonEmpty: true,
    importance: 'high',
    doc: 'The topic that the records go to.',
    group: REQUEST,
    order: 1,
  }),
  'http.url': string({
    nonEmpty: true,
    importance: 'high',
    doc: 'What is asked. `${offset.x}` stands for what was read last of the field `x` of `offset.fields`, `${now}`, `${now.s}` and `${now.ms}` for the time (ISO 8601, seconds, milliseconds), `${page}` for the page. Values are escaped as URLs need it.',
    group: REQUEST,
    order: 2,
    validate: template,
  }),
  'http.method': string({
    oneOf: ['GET', 'POST', 'PUT'],
    default: 'GET',
    importance: 'medium',
    doc: 'How it is asked.',
    group: REQUEST,
    order: 3,
  }),
  'http.body': string({
    default: null,
    importance: 'medium',
    doc: 'The body of a POST or PUT, with the same stand-ins, which are escaped as text within JSON. Headers are keys `http.header.NAME`, such as `http.header.Accept`; they may have stand-ins too.',
    group: REQUEST,
    order: 4,
    validate: template,
  }),
  'poll.interval.ms': int({
    default: 60_000,
    min: 1,
    importance: 'high',
    doc: 'How often it is asked, in milliseconds, from the end of one time to the beginning of the next.',
    group: REQUEST,
    order: 5,
  }),
  'http.conditional': boolean({
    default: true,
    importance: 'low',
    doc: 'Whether the server is told what was read last (`If-None-Match`, `If-Modified-Since`), so that it need not send it again.',
    group: REQUEST,
    order: 6,
  }),
  'response.format': string({
    oneOf: ['json', 'ndjson'],
    default: 'json',
    importance: 'medium',
    doc: 'What answers are: one JSON value, or one in each line.',
    group: RECORDS,
    order: 1,
  }),
  'records.path': string({
    default: '',
    importance: 'high',
    doc: 'Where the records are in an answer, such as `data.items` or `results.0.rows`. An array is one record for each item, anything else is one record. Empty: the whole answer.',
    group: RECORDS,
    order: 2,
  }),
  'key.field': string({
    default: null,
    importance: 'medium',
    doc: "The field that becomes the record's key, as text. Default: no key.",
    group: RECORDS,
    order: 3,
  }),
  'timestamp.field': string({
    default: null,
    importance: 'medium',
    doc: "The field that becomes the record's timestamp: an ISO 8601 text, or a number. Default: none, Kafka gives one.",
    group: RECORDS,
    order: 4,
  }),
  'timestamp.unit': string({
    oneOf: ['s', 'ms', 'us', 'ns'],
    default: 'ms',
    importance: 'low',
    doc: 'What numbers in `timestamp.field` count since 1970.',
    group: RECORDS,
    order: 5,
  }),
  'id.field': string({
    default: null,
    importance: 'medium',
    doc: 'The field that tells records apart, where an answer repeats what was read before. Without `offset.fields`, a record is passed over if its id was in the answer before, up to 5,000 of them; without either, all of each answer is sent. Default: all of the record.',
    group: RECORDS,
    order: 6,
  }),
  'offset.fields': list({
    default: [],
    importance: 'high',
    doc: 'The fields that say how far reading has come, for `${offset.x}`. The first decides: records below the highest that was read are passed over, and those at it if they were read. Give the others only what the server wants beside it.',
    group: RECORDS,
    order: 7,
  }),
  'offset.initial': list({
    default: [],
    repeats: true,
    importance: 'medium',
    doc: 'What `${offset.x}` stands for before anything was read: `x=value`, one for each of `offset.fields`.',
    group: RECORDS,
    order: 8,
  }),
  'paging.type': string({
    oneOf: ['none', 'cursor', 'page', 'offset', 'link', 'url'],
    default: 'none',
    importance: 'high',
    doc: 'How there are more pages. `cursor`: the answer has the word for the next one; `page`: they are numbered; `offset`: they are asked for by the number of records before them; `link`: the header `Link` with rel=next; `url`: the answer has the URL of the next one.',
    group: PAGES,
    order: 1,
  }),
  'paging.path': string({
    default: null,
    importance: 'medium',
    doc: 'Where in the answer the cursor or the URL of the next page is. It is the last page if there is none.',
    group: PAGES,
    order: 2,
  }),
  'paging.parameter': string({
    default: null,
    importance: 'medium',
    doc: 'The parameter of the URL that takes the cursor, the number of the page or the offset. Default: `cursor`, `page` or `offset`; none if `${page}` is in the URL or the body.',
    group: PAGES,
    order: 3,
  }),
  'paging.first': int({
    default: 1,
    min: 0,
    importance: 'low',
    doc: 'The number of the first page, with `paging.type=page`.',
    group: PAGES,
    order: 4,
  }),
  'paging.size': int({
    default: null,
    min: 1,
    importance: 'medium',
    doc: 'The records of a full page: one with fewer is the last. Default: the last one is empty.',
    group: PAGES,
    order: 5,
  }),
  'paging.size.parameter': string({
    default: null,
    importance: 'low',
    doc: 'The parameter of the URL that takes `paging.size`, such as `limit`. Default: none.',
    group: PAGES,
    order: 6,
  }),
  'paging.max.pages': int({
    default: 10_000,
    min: 1,
    importance: 'low',
    doc: 'After so many pages it is paused for `poll.interval.ms`; then it goes on with the next page.',
    group: PAGES,
    order: 7,
  }),
  'auth.type': string({
    oneOf: ['none', 'header', 'basic', 'oauth2'],
    default: 'none',
    importance: 'medium',
    doc: 'How the server knows who asks: `header` (a key or token), `basic` (name and password), `oauth2` (client credentials: a token is fetched, and again when it ends).',
    group: AUTH,
    order: 1,
  }),
  'auth.header.name': string({
    default: 'Authorization',
    nonEmpty: true,
    importance: 'low',
    doc: 'With `auth.type=header`: the header.',
    group: AUTH,
    order: 2,
  }),
  'auth.header.value': password({
    default: null,
    importance: 'medium',
    doc: 'With `auth.type=header`: what is in it, such as `Bearer abc`.',
    group: AUTH,
    order: 3,
  }),
  'auth.username': string({
    default: null,
    importance: 'medium',
    doc: 'With `auth.type=basic`.',
    group: AUTH,
    order: 4,
  }),
  'auth.password': password({
    default: null,
    importance: 'medium',
    doc: 'With `auth.type=basic`.',
    group: AUTH,
    order: 5,
  }),
  'oauth2.token.url': string({
    default: null,
    importance: 'medium',
    doc: 'Where tokens come from.',
    group: AUTH,
    order: 6,
  }),
  'oauth2.client.id': string({ default: null, importance: 'medium', doc: 'Who asks for them.', group: AUTH, order: 7 }),
  'oauth2.client.secret': password({
    default: null,
    importance: 'medium',
    doc: 'Their secret.',
    group: AUTH,
    order: 8,
  }),
  'oauth2.scope': string({ default: null, importance: 'low', doc: 'What the token is for.', group: AUTH, order: 9 }),
  'oauth2.client.authentication': string({
    oneOf: ['basic', 'body'],
    default: 'basic',
    importance: 'low',
    doc: 'Whether id and secret are sent as basic authentication, or in the body.',
    group: AUTH,
    order: 10,
  }),
  ...connectionKeys({ perSecond: 10, maxBytes: 33_554_432 }),
  ...tlsKeys(TLS_PREFIX),
};

export type HttpConfig = Config<typeof configDef>;

/** The headers that the config names, with their stand-ins. */
export const headersOf = (props: Readonly<Props>): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(props).flatMap(([key, value]) =>
      key.startsWith(HEADER_PREFIX) ? [[key.slice(HEADER_PREFIX.length).toLowerCase(), value]] : [],
    ),
  );

/** What the fields of the offset are before anything was read. */
export const initialValues = (config: HttpConfig): Readonly<Record<string, string>> =>
  Object.fromEntries(
    config['offset.initial'].map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
