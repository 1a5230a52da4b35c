import { again, gone, status } from '../pair.ts';
import { ask, change, differs, type Group } from '../steps.ts';
import { create, src } from './configs.ts';

export const STATES: Group = [
  'what can be asked of a connector that is paused or stopped',
  [
    change(create('still', src, { initial_state: 'paused' }), status('still', 'PAUSED')),
    ask('GET', '/connectors/still/status'),
    ask('GET', '/connectors/still/tasks'),
    ask('GET', '/connectors/still/tasks/0/status'),
    change(['POST', '/connectors/still/restart'], again('still', null, 'PAUSED'), status('still', 'PAUSED')),
    change(['PUT', '/connectors/still/resume'], status('still', 'RUNNING', 'RUNNING')),
    change(['PUT', '/connectors/still/pause'], status('still', 'PAUSED', 'PAUSED')),
    ask('GET', '/connectors/still/tasks/0/status'),
    change(['POST', '/connectors/still/restart'], again('still', null, 'PAUSED'), status('still', 'PAUSED', 'PAUSED')),
    change(
      ['POST', '/connectors/still/restart?includeTasks=true'],
      again('still', 0, 'PAUSED'),
      again('still', null, 'PAUSED'),
      status('still', 'PAUSED', 'PAUSED'),
    ),
    change(
      ['POST', '/connectors/still/tasks/0/restart'],
      again('still', 0, 'PAUSED'),
      status('still', 'PAUSED', 'PAUSED'),
    ),
    ask('POST', '/connectors/still/restart?onlyFailed=true'),
    ask('POST', '/connectors/still/restart?onlyFailed=true&onlyFailed=false&more=1'),
    ask('POST', '/connectors/still/restart?includeTasks=TRUE&onlyFailed=TRUE'),
    change(['PUT', '/connectors/still/config', { ...src, 'batch.size': '3' }], status('still', 'PAUSED', 'PAUSED')),
    ask('GET', '/connectors/still'),
    change(['PUT', '/connectors/still/stop'], status('still', 'STOPPED')),
    ask('GET', '/connectors/still/tasks'),
    change(['POST', '/connectors/still/restart'], again('still', null, 'STOPPED'), status('still', 'STOPPED')),
    change(
      ['POST', '/connectors/still/restart?includeTasks=true'],
      again('still', null, 'STOPPED'),
      status('still', 'STOPPED'),
    ),
    ask('POST', '/connectors/still/restart?includeTasks=true&onlyFailed=true'),
    differs(
      ['POST', '/connectors/still/tasks/0/restart'],
      { status: 409, body: { message: /no known leader URL/ } },
      { status: 404, body: { message: 'Unknown task: still-0' } },
      'Java remembers tasks of a stopped connector and waits for one to have them',
    ),
    ask('PUT', '/connectors/still/stop'),
    change(['PUT', '/connectors/still/config', src], status('still', 'STOPPED')),
    ask('GET', '/connectors?expand=status&expand=info'),
    change(['PUT', '/connectors/still/resume'], status('still', 'RUNNING', 'RUNNING')),
    change(['DELETE', '/connectors/still'], gone('still')),
    change(create('still', src, { initial_state: 'running' }), status('still', 'RUNNING', 'RUNNING')),
    change(['DELETE', '/connectors/still'], gone('still')),
    change(create('still', src, { initial_state: null }), status('still', 'RUNNING', 'RUNNING')),
    change(['DELETE', '/connectors/still'], gone('still')),
  ],
];
