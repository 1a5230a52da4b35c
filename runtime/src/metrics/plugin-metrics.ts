import type { MetricValue } from '@tributary/api';
import { prometheusName } from './table.ts';

/** A metric of plugins as it is shown: all tasks that have it, whatever their plugins. */
export interface PluginFamily {
  readonly name: string;
  readonly doc: string;
  /** Untyped where plugins do not agree on it. */
  type: 'counter' | 'gauge' | 'untyped';
  readonly samples: Array<{ readonly labels: string; readonly value: number }>;
}

interface Shown {
  readonly name: string;
  readonly doc: string;
  readonly type: 'counter' | 'gauge';
  readonly value: number;
}

function shownOf(metric: MetricValue): readonly Shown[] {
  const { name, doc } = metric;
  if (metric.kind !== 'summary') return [{ name, doc, type: metric.kind, value: metric.value }];
  const { count, sum, max } = metric.value;
  return [
    { name: `${name}-max`, doc: `${doc} The largest.`, type: 'gauge', value: max },
    { name: `${name}-avg`, doc: `${doc} The average.`, type: 'gauge', value: count === 0 ? 0 : sum / count },
    { name: `${name}-sum`, doc: `${doc} The sum.`, type: 'counter', value: sum },
    { name: `${name}-count`, doc: `${doc} How many.`, type: 'counter', value: count },
  ];
}

/** The metrics of plugins, by name: the group `plugins` of KIP-877. */
export function pluginFamilies(
  tasks: Iterable<{ readonly labels: string; readonly metrics: readonly MetricValue[] }>,
): readonly PluginFamily[] {
  const families = new Map<string, PluginFamily>();
  for (const { labels, metrics } of tasks) {
    for (const { name, doc, type, value } of metrics.flatMap(shownOf)) {
      const family = families.get(name) ?? { name: prometheusName('plugins', name), doc, type, samples: [] };
      families.set(name, family);
      if (family.type !== type) family.type = 'untyped';
      family.samples.push({ labels, value });
    }
  }
  return [...families.values()];
}
