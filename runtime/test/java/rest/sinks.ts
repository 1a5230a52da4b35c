import { again, gone, status, taskConfig, usedTopics } from '../pair.ts';
import { ask, change, type Group } from '../steps.ts';
import { create, SINK } from './configs.ts';

const snk = 'snk-{tag}';
export const SINKS: Group = [
  'the life of a sink with two tasks',
  [
    change(create(snk, { ...SINK, 'tasks.max': 2 }, { initial_state: 'stopped' }), status(snk, 'STOPPED')),
    ask('GET', `/connectors/${snk}/status`),
    ask('GET', `/connectors/${snk}`),
    change(
      ['PUT', `/connectors/${snk}/resume`],
      status(snk, 'RUNNING', 'RUNNING', 'RUNNING'),
      usedTopics(snk, 'lines-{tag}'),
    ),
    ask('GET', `/connectors/${snk}`),
    ask('GET', `/connectors/${snk}/tasks`),
    ask('GET', `/connectors/${snk}/topics`),
    change(
      ['POST', `/connectors/${snk}/tasks/1/restart`],
      again(snk, 1, 'RUNNING'),
      status(snk, 'RUNNING', 'RUNNING', 'RUNNING'),
    ),
    change(
      ['PUT', `/connectors/${snk}/config`, { ...SINK, 'tasks.max': 1 }],
      taskConfig(snk, 'tasks.max', '1'),
      status(snk, 'RUNNING', 'RUNNING'),
    ),
    ask('GET', `/connectors/${snk}/status`),
    ask('GET', `/connectors/${snk}/tasks/1/status`),
    change(
      ['PUT', `/connectors/${snk}/config`, { ...SINK, 'tasks.max': 3 }],
      taskConfig(snk, 'tasks.max', '3', 3),
      status(snk, 'RUNNING', 'RUNNING', 'RUNNING', 'RUNNING'),
    ),
    ask('GET', `/connectors/${snk}/status`),
    change(['DELETE', `/connectors/${snk}`], gone(snk)),
    ask('GET', `/connectors/${snk}/topics`),
  ],
];
