import type { Group } from '../steps.ts';
import { BAD } from './bad.ts';
import { EMPTY } from './empty.ts';
import { FAILING } from './failing.ts';
import { LIFE } from './life.ts';
import { LOGGERS } from './loggers.ts';
import { NAMES, UNREACHABLE } from './names.ts';
import { SINK_OFFSETS, SOURCE_OFFSETS } from './offsets.ts';
import { PLUGINS } from './plugins.ts';
import { REQUESTS } from './requests.ts';
import { SINKS } from './sinks.ts';
import { STATES } from './states.ts';
import { TOPICS } from './topics.ts';
import { UNKNOWN } from './unknown.ts';
import { VALIDATE } from './validate.ts';

/** In this order: what Java cannot be rid of comes last. */
export const GROUPS: readonly Group[] = [
  EMPTY,
  UNKNOWN,
  BAD,
  REQUESTS,
  LIFE,
  STATES,
  SINKS,
  FAILING,
  SOURCE_OFFSETS,
  SINK_OFFSETS,
  TOPICS,
  NAMES,
  PLUGINS,
  VALIDATE,
  LOGGERS,
  UNREACHABLE,
];
