import type { Props } from '@tributary/api';
import { listOf } from './lists.ts';

/** Transforms that leave a record in its topic. Others may give it another one. */
const STAYING = new Set([
  'Cast',
  'DropHeaders',
  'ExtractField',
  'ExtractPath',
  'Filter',
  'Flatten',
  'HeaderFrom',
  'HoistField',
  'InsertField',
  'InsertHeader',
  'MaskField',
  'ReplaceField',
  'SetSchemaMetadata',
  'TimestampConverter',
  'ValueToKey',
]);

/**
 * The topics of `topics`, if records still have them when they come to the sink; none if a transform such as RegexRouter may have given them
 * others, which nobody knows before there are records.
 */
export function arrivingTopics(props: Props): readonly string[] {
  const stays = (name: string): boolean =>
    STAYING.has(/(\w+)(?:\$\w+)?$/.exec(props[`transforms.${name}.type`] ?? '')?.[1] ?? '');
  return listOf(props['transforms']).every(stays) ? listOf(props['topics']) : [];
}
