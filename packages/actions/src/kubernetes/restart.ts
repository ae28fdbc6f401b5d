/** Makes all pods of the workload anew, as `kubectl rollout restart` does. */

import { schema } from '@peregrine/base';
import { defineAction } from '../action.ts';
import { podText } from '../targets/pod.ts';
import { workloadTarget } from '../targets/workload.ts';
import { placeText } from './api-path.ts';
import { daemonSets, deployments, groupOf, replicaSets, statefulSets } from './kinds.ts';
import { textsIn } from './object-view.ts';
import { orOutcome } from './outcome-of.ts';
import { patchObject } from './patch-object.ts';
import { templateOf, workloadOfTarget } from './workload-of.ts';

const restartable = [deployments, statefulSets, daemonSets];
/** COMPAT: kubectl's. */
const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';
/** The run that did it: it does it once. */
const RESTARTED_BY = 'peregrine/restarted-by';

export const restart = defineAction({
  name: 'kubernetes:restart',
  platform: 'kubernetes',
  doc: 'Makes all pods anew of the Deployment, StatefulSet or DaemonSet that the pod belongs to that the alert came from, one after the other as its strategy says.',
  parameters: schema({}),
  target: workloadTarget,
  continues: true,
  artifact: 'none',
  permissions: () => [
    { group: '', resource: 'pods', verbs: ['get'] },
    { group: groupOf(replicaSets), resource: replicaSets.resource, verbs: ['get'] },
    ...restartable.map((kind) => ({
      group: groupOf(kind),
      resource: kind.resource,
      verbs: ['get', 'patch'],
    })),
  ],
  isRepeatable: true,
  timeoutMs: () => 10_000,
  examples: [{ doc: 'The workload of the pod.', parameters: {} }],
  run: ({ runId, target, targetUid, ports, signal }) =>
    orOutcome(`workload of ${podText(target)}`, async () => {
      const kube = await ports.kube();
      const found = await workloadOfTarget(kube, target, targetUid, signal);
      if (found.kind !== 'workload') return found;
      const { place } = found;
      const text = placeText(place);
      if (!restartable.includes(place.kind))
        return { kind: 'refused', reason: `${text} would not make its pods anew` };
      const restartedAt = new Date().toISOString();
      const annotations = { [RESTARTED_AT]: restartedAt, [RESTARTED_BY]: runId };
      const patched = await patchObject(
        kube,
        {
          ...{ place, uid: targetUid },
          patchOf: (object) =>
            textsIn(templateOf(object).annotations)[RESTARTED_BY] === runId
              ? `${text} was restarted already`
              : { spec: { template: { metadata: { annotations } } } },
        },
        signal,
      );
      if (patched.kind === 'unchanged') return patched;
      return {
        kind: 'done',
        summary: `restarted ${text}`,
        changes: [{ object: text, part: `annotation ${RESTARTED_AT}`, after: restartedAt }],
      };
    }),
});
