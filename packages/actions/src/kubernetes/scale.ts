/** How many pods the workload of the alert has. */

import { integer, schema } from '@peregrine/base';
import { defineAction } from '../action.ts';
import { podText } from '../targets/pod.ts';
import { workloadTarget } from '../targets/workload.ts';
import { placeText } from './api-path.ts';
import { daemonSets, groupOf } from './kinds.ts';
import { orOutcome } from './outcome-of.ts';
import { restoreScale, setScale } from './scale-change.ts';
import { workloadKinds, workloadOfTarget } from './workload-of.ts';

const scalable = workloadKinds.filter((kind) => kind !== daemonSets);

export const scale = defineAction({
  name: 'kubernetes:scale',
  platform: 'kubernetes',
  doc: 'Sets how many pods the workload has that the pod belongs to that the alert came from; 0 stops it. Taken back, it has as many as before, unless somebody else changed that meanwhile. An autoscaler may change it again, unless it is 0.',
  parameters: schema({
    replicas: integer({ default: 0, min: 0, max: 10_000, doc: 'Pods that it has from then on.' }),
  }),
  target: workloadTarget,
  continues: true,
  artifact: 'none',
  permissions: () => [
    { group: '', resource: 'pods', verbs: ['get'] },
    ...scalable.map((kind) => ({ group: groupOf(kind), resource: kind.resource, verbs: ['get'] })),
    ...scalable.map((kind) => ({
      group: groupOf(kind),
      resource: `${kind.resource}/scale`,
      verbs: ['get', 'patch'],
    })),
  ],
  isRepeatable: true,
  timeoutMs: () => 10_000,
  examples: [
    { doc: 'Stop the workload.', parameters: {} },
    { doc: 'Leave it one pod.', parameters: { replicas: 1 } },
  ],
  run: ({ target, targetUid, parameters: { replicas }, ports, signal }) =>
    orOutcome(`workload of ${podText(target)}`, async () => {
      const kube = await ports.kube();
      const found = await workloadOfTarget(kube, target, targetUid, signal);
      if (found.kind !== 'workload') return found;
      const { place } = found;
      if (!scalable.includes(place.kind))
        return {
          kind: 'refused',
          reason: `${placeText(place)} has a pod on each node, and no number of them`,
        };
      return setScale(kube, { place, uid: targetUid, replicas }, signal);
    }),
  undo: restoreScale,
});
