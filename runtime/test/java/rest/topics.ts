import { gone, status, usedTopics } from '../pair.ts';
import { ask, change, type Group } from '../steps.ts';
import { create, src } from './configs.ts';

export const TOPICS: Group = [
  'the topics of a connector',
  [
    change(create('tops', src), status('tops', 'RUNNING', 'RUNNING'), usedTopics('tops', 'lines-{tag}')),
    ask('GET', '/connectors/tops/topics/'),
    ask('PUT', '/connectors/tops/topics'),
    ask('DELETE', '/connectors/tops/topics'),
    ask('GET', '/connectors/tops/topics/reset'),
    ask('POST', '/connectors/tops/topics/reset'),
    ask('OPTIONS', '/connectors/tops/topics/reset'),
    change(['PUT', '/connectors/tops/topics/reset'], usedTopics('tops')),
    ask('PUT', '/connectors/tops/topics/reset/'),
    ask('PUT', '/connectors/tops/topics/reset', {}),
    ask('PUT', '/connectors/nope/topics/reset'),
    ask('GET', '/connectors/nope/topics'),
    ask('GET', '/connectors/no%20pe%C3%A9/topics'),
    change(['DELETE', '/connectors/tops'], gone('tops')),
  ],
];
