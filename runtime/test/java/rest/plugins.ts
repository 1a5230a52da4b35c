import { ask, differs, type Group } from '../steps.ts';

const config = (plugin: string, query = '') => ask('GET', `/connector-plugins/${plugin}/config${query}`);
const version = (text: string) => config('FileStreamSource', `?version=${encodeURIComponent(text)}`);

export const PLUGINS: Group = [
  'plugins and their configs',
  [
    ask('GET', '/connector-plugins?connectorsOnly=false'),
    ask('GET', '/connector-plugins/?connectorsOnly=FALSE'),
    ask('GET', '/connector-plugins?connectorsOnly='),
    ask('GET', '/connector-plugins?connectorsOnly=no'),
    ask('GET', '/connector-plugins?connectorsOnly=false&connectorsOnly=true'),
    ask('GET', '/connector-plugins?connectorsOnly=true&connectorsOnly=false'),
    ask('GET', '/connector-plugins?connectorsOnly=false&other=1'),
    ...['FileStreamSource', 'FileStreamSourceConnector', 'FileStreamSink', 'Json', 'JsonConverter', 'String'].map((p) =>
      config(p),
    ),
    ask('GET', '/connector-plugins/FileStreamSource/config/'),
    ask('HEAD', '/connector-plugins/FileStreamSource/config'),
    ask('PUT', '/connector-plugins/FileStreamSource/config', {}),
    ask('DELETE', '/connector-plugins/FileStreamSource/config'),
    ask('OPTIONS', '/connector-plugins/FileStreamSource/config'),
    ...['nope', 'no%20pe', 'FileStreamSourceTask', 'Value', 'HoistField'].map((p) => config(p)),
    config('nope', '?version=1'),
    ...['4.1.0', '4.1', '[4.0,5.0)', '(,9]', 'latest', ' 4.1.0 ', '9.9', 'x', '', '[9.9]', '(4.1.0,)'].map(version),
    config('FileStreamSource', '?version=4.1.0&version=9.9'),
    differs(
      ['GET', '/connector-plugins/FileStreamSource/config?version=['],
      { status: 400 },
      { status: 400, body: { message: /^Invalid version specification: \[/ } },
      'the words about a range that is none',
    ),
    differs(
      ['GET', '/connector-plugins/HoistField$Value/config'],
      { status: 404 },
      { status: 200 },
      'a transform has its short name too',
    ),
  ],
];
