/** Containers, and what waits for their metadata. COMPAT: the first two are those of the reference's container plugin. */

import type { ContainerCounts } from '../detection/measure/measurement.ts';
import { familyOf, fieldOf, type Metric } from './metric.ts';

function ofPlugin(name: string, doc: string, read: (counts: ContainerCounts) => number): Metric {
  return {
    group: 'plugins_metrics',
    doc,
    field: fieldOf(`plugins.container.${name}`, ({ measurement }) => read(measurement.containers)),
    family: familyOf(`falcosecurity_plugins_container_${name}_total`, 'gauge', ({ measurement }) =>
      read(measurement.containers),
    ),
  };
}

export const containerMetrics: readonly Metric[] = [
  ofPlugin('n_containers', 'Containers that are known.', ({ knownCount }) => knownCount),
  ofPlugin(
    'n_missing_container_images',
    'Containers that a runtime told of, but not of their image.',
    ({ imagelessCount }) => imagelessCount,
  ),
  {
    group: 'own',
    doc: 'Containers whose metadata are waited for.',
    family: familyOf(
      'peregrine_awaited_containers',
      'gauge',
      ({ measurement }) => measurement.containers.awaitedCount,
    ),
  },
  {
    group: 'own',
    doc: 'Events that wait for the metadata of their container.',
    family: familyOf(
      'peregrine_waiting_events',
      'gauge',
      ({ measurement }) => measurement.containers.waitingCount,
    ),
  },
  {
    group: 'own',
    doc: 'Events that had to wait for the metadata of their container, by what came of it: held (all of them), overdue (time was up), crowded_out (there were too many).',
    family: {
      name: 'peregrine_held_events_total',
      type: 'counter',
      read: ({ measurement }) => {
        const { held, overdue, crowdedOut } = measurement.containers.waiting;
        return Object.entries({ held, overdue, crowded_out: crowdedOut }).map(([result, value]) => ({
          labels: { result },
          value,
        }));
      },
    },
  },
];
