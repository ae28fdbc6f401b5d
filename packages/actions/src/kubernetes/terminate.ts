/** Deletion of the pod that the alert came from. */

import { integer, schema } from '@peregrine/base';
import { type ActionOutcome, defineAction } from '../action.ts';
import { type PodTarget, placeOfPod, podTarget, podText } from '../targets/pod.ts';
import { checkPod, replaced } from './check-pod.ts';
import { isAnother } from './is-another.ts';
import type { KubePort } from './kube-port.ts';
import { orOutcome } from './outcome-of.ts';
import { guardKeys, guardPermissions } from './pod-guards.ts';

export const terminate = defineAction({
  name: 'kubernetes:terminate',
  platform: 'kubernetes',
  doc: 'Deletes the pod that the alert came from, and never a newer one of the same name. Unlike with Falco Talon, a percentage in `min_healthy_replicas` is one of the pods that are wanted, and it also counts for StatefulSets.',
  parameters: schema({
    grace_period_seconds: integer({
      default: 0,
      min: 0,
      doc: 'Seconds that its containers get to end by themselves; 0 kills them at once.',
    }),
    ...guardKeys,
  }),
  target: podTarget,
  continues: false,
  artifact: 'none',
  permissions: (parameters) => [
    { group: '', resource: 'pods', verbs: ['get', 'delete'] },
    ...guardPermissions(parameters),
  ],
  isRepeatable: true,
  timeoutMs: () => 10_000,
  examples: [
    { doc: 'At once.', parameters: {} },
    {
      doc: 'With five seconds to end, and only if others go on working.',
      parameters: {
        ...{ grace_period_seconds: 5, min_healthy_replicas: '33%' },
        ...{ ignore_daemonsets: true, ignore_statefulsets: true },
      },
    },
  ],
  run: ({ target, targetUid, parameters, ports, signal }) =>
    orOutcome(podText(target), async () => {
      const kube = await ports.kube();
      const checked = await checkPod(kube, { target, targetUid, guards: parameters }, signal);
      if (checked.kind !== 'uid') return checked;
      return deletePod(
        kube,
        { target, uid: checked.uid, graceSeconds: parameters.grace_period_seconds },
        signal,
      );
    }),
});

async function deletePod(
  kube: KubePort,
  {
    target,
    uid,
    graceSeconds,
  }: { readonly target: PodTarget; readonly uid: string; readonly graceSeconds: number },
  signal: AbortSignal,
): Promise<ActionOutcome> {
  const text = podText(target);
  try {
    await kube.delete(placeOfPod(target), { uid, graceSeconds }, signal);
  } catch (error) {
    if (await isAnother(kube, { place: placeOfPod(target), uid, error }, signal)) return replaced(text);
    throw error;
  }
  const grace = graceSeconds === 0 ? 'at once' : `with ${graceSeconds} s to end`;
  return {
    kind: 'done',
    summary: `deleted ${text} ${grace}`,
    changes: [{ object: text, before: 'there', after: 'deleted' }],
  };
}
