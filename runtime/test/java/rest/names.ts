import { gone, status } from '../pair.ts';
import { ask, change, differs, type Group } from '../steps.ts';
import { create, SOURCE } from './configs.ts';

const ODD = "~ ()*!'$;:@=,&_-.";
const none = { ...SOURCE, file: '{dir}/none.txt' };
export const NAMES: Group = [
  'names',
  [
    change(create('  spaces é and ü ', none, { initial_state: 'PAUSED' }), status('spaces é and ü', 'PAUSED')),
    ask('GET', '/connectors/spaces%20%C3%A9%20and%20%C3%BC'),
    ask('GET', '/connectors/spaces+%C3%A9+and+%C3%BC'),
    ask('GET', '/connectors/spaces%20%C3%A9%20and%20%C3%BC/status'),
    change(create('😀 "?#+', none), status('😀 "?#+', 'RUNNING', 'RUNNING')),
    ask('GET', `/connectors/${encodeURIComponent('😀 "?#+')}`),
    change(['PUT', `/connectors/${encodeURIComponent(ODD)}/config`, none], status(ODD, 'RUNNING', 'RUNNING')),
    change(['PUT', '/connectors/plus+plus/config', none], status('plus+plus', 'RUNNING', 'RUNNING')),
    ask('GET', '/connectors'),
    ask('GET', '/connectors?expand=info'),
    change(['DELETE', '/connectors/spaces%20%C3%A9%20and%20%C3%BC'], gone('spaces é and ü')),
    change(['DELETE', `/connectors/${encodeURIComponent('😀 "?#+')}`], gone('😀 "?#+')),
    change(['DELETE', '/connectors/plus+plus'], gone('plus+plus')),
    change(['DELETE', `/connectors/${encodeURIComponent(ODD)}`], gone(ODD)),
    ask('GET', '/connectors'),
  ],
];

/** Comes last: Java cannot be rid of them. */
export const UNREACHABLE: Group = [
  'names that Java cannot reach',
  [
    differs(
      create('a/b', none),
      { status: 201, location: 'http://{worker}/connectors/a/b' },
      { status: 201, location: 'http://{worker}/connectors/a%2Fb' },
      'the address is one that can be used',
    ),
    differs(['GET', '/connectors/a/b'], { status: 404 }, { status: 404 }, 'that is another path'),
    differs(['GET', '/connectors/a%2Fb'], { status: 400 }, { status: 200, body: { name: 'a/b' } }, 'it can be had'),
    differs(['DELETE', '/connectors/a%2Fb'], { status: 400 }, { status: 204 }, 'it can be deleted'),
    ask(...create('50%', none, { initial_state: 'STOPPED' })),
    differs(['GET', '/connectors/50%25'], { status: 400 }, { status: 200, body: { name: '50%' } }, 'it can be had'),
    differs(['GET', '/connectors/%zz'], { status: 400 }, { status: 400 }, 'that is no text'),
  ],
];
