/** Deletion of the pod that the alert came from. */

import { integer, schema } from '@peregrine/base';
import { type ActionOutcome, defineAction } from '../action.ts';
import { type PodTarget, placeOfPod, podTarget, podText } from '../targets/pod.ts';
import { KubeFailure, type KubePort } from './kube-port.ts';
import { objectMeta } from './object-view.ts';
import { orOutcome } from './outcome-of.ts';
import { guardKeys, guardOf, guardPermissions, hasGuards, type PodGuards } from './pod-guards.ts';

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

interface Wanted {
  readonly target: PodTarget;
  readonly targetUid: string | undefined;
  readonly guards: PodGuards;
}

/** Looks again only where the parameters ask for more than is known. */
export async function checkPod(
  kube: KubePort,
  { target, targetUid, guards }: Wanted,
  signal: AbortSignal,
): Promise<
  { readonly kind: 'uid'; readonly uid: string } | { readonly kind: 'unchanged'; readonly reason: string }
> {
  if (targetUid !== undefined && !hasGuards(guards)) return { kind: 'uid', uid: targetUid };
  const text = podText(target);
  const pod = await kube.get(placeOfPod(target), signal);
  if (pod === undefined) return { kind: 'unchanged', reason: `${text} is gone` };
  const { uid } = objectMeta(pod);
  if (targetUid !== undefined && uid !== targetUid) return replaced(text);
  const why = await guardOf(kube, pod, guards, signal);
  return why === undefined
    ? { kind: 'uid', uid }
    : { kind: 'unchanged', reason: `${text} is left alone: ${why}` };
}

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
    if (!(error instanceof KubeFailure && error.status === 409)) throw error;
    // The server compares the uid, and says no; or it has another reason to.
    const now = await kube.get(placeOfPod(target), signal);
    const isOther = /precondition/i.test(error.message) || now === undefined || objectMeta(now).uid !== uid;
    if (isOther) return replaced(text);
    throw error;
  }
  const grace = graceSeconds === 0 ? 'at once' : `with ${graceSeconds} s to end`;
  return {
    kind: 'done',
    summary: `deleted ${text} ${grace}`,
    changes: [{ object: text, before: 'there', after: 'deleted' }],
  };
}

function replaced(text: string): { readonly kind: 'unchanged'; readonly reason: string } {
  return { kind: 'unchanged', reason: `${text} is gone, and another of that name is there` };
}
