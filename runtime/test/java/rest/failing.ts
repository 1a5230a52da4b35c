import { again, gone, status, taskConfig } from '../pair.ts';
import { ask, change, type Group } from '../steps.ts';
import { create, JSON_CONVERTER, SINK } from './configs.ts';

const bad = 'bad-{tag}';
export const FAILING: Group = [
  'a task that fails, and a connector that does',
  [
    change(create(bad, { ...SINK, ...JSON_CONVERTER }), status(bad, 'RUNNING', 'FAILED')),
    ask('GET', `/connectors/${bad}/status`),
    ask('GET', `/connectors/${bad}/tasks/0/status`),
    change(['POST', `/connectors/${bad}/restart?onlyFailed=true`], status(bad, 'RUNNING', 'FAILED')),
    change(
      ['POST', `/connectors/${bad}/restart?includeTasks=true&onlyFailed=true`],
      again(bad, 0, 'FAILED'),
      status(bad, 'RUNNING', 'FAILED'),
    ),
    change(
      ['POST', `/connectors/${bad}/restart?includeTasks=true`],
      again(bad, 0, 'FAILED'),
      status(bad, 'RUNNING', 'FAILED'),
    ),
    change(['POST', `/connectors/${bad}/tasks/0/restart`], again(bad, 0, 'FAILED'), status(bad, 'RUNNING', 'FAILED')),
    change(['PUT', `/connectors/${bad}/pause`], status(bad, 'PAUSED', 'FAILED')),
    ask('GET', `/connectors/${bad}/status`),
    change(['PUT', `/connectors/${bad}/resume`], status(bad, 'RUNNING', 'FAILED')),
    change(['PUT', `/connectors/${bad}/stop`], status(bad, 'STOPPED')),
    change(['PUT', `/connectors/${bad}/config`, SINK], taskConfig(bad, 'x', 'y', 0), status(bad, 'STOPPED')),
    ask('GET', `/connectors/${bad}`),
    change(['PUT', `/connectors/${bad}/resume`], status(bad, 'RUNNING', 'RUNNING')),
    change(['DELETE', `/connectors/${bad}`], gone(bad)),
  ],
];
