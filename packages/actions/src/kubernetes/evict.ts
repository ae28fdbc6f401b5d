/** Eviction of the pod that the alert came from. */

import { integer, optional, schema } from '@peregrine/base';
import { defineAction } from '../action.ts';
import { placeOfPod, podTarget, podText } from '../targets/pod.ts';
import { checkPod } from './check-pod.ts';
import { evictPod } from './evict-pod.ts';
import { orOutcome } from './outcome-of.ts';
import { guardKeys, guardPermissions } from './pod-guards.ts';

export const evict = defineAction({
  name: 'kubernetes:evict',
  platform: 'kubernetes',
  doc: 'Evicts the pod that the alert came from: deletes it as soon as disruption budgets allow. Where one forbids it now, it is tried again.',
  parameters: schema({
    grace_period_seconds: optional(
      integer({
        min: 0,
        doc: "Seconds that its containers get to end by themselves; the pod's own time unless set.",
      }),
    ),
    ...guardKeys,
  }),
  target: podTarget,
  continues: false,
  artifact: 'none',
  permissions: (parameters) => [
    { group: '', resource: 'pods', verbs: ['get'] },
    { group: '', resource: 'pods/eviction', verbs: ['create'] },
    ...guardPermissions(parameters),
  ],
  isRepeatable: true,
  timeoutMs: () => 10_000,
  examples: [
    { doc: 'With its own time to end.', parameters: {} },
    { doc: 'Not if nothing would make it anew.', parameters: { ignore_standalone_pods: true } },
  ],
  run: ({ target, targetUid, parameters, ports, signal }) =>
    orOutcome(podText(target), async () => {
      const kube = await ports.kube();
      const checked = await checkPod(kube, { target, targetUid, guards: parameters }, signal);
      if (checked.kind !== 'uid') return checked;
      const place = placeOfPod(target);
      const graceSeconds = parameters.grace_period_seconds;
      const evicted = await evictPod(kube, { place, uid: checked.uid, graceSeconds }, signal);
      const text = podText(target);
      switch (evicted.kind) {
        case 'evicted':
          return {
            kind: 'done',
            summary: `evicted ${text}`,
            changes: [{ object: text, before: 'there', after: 'evicted' }],
          };
        case 'gone':
          return { kind: 'unchanged', reason: `${text} is gone` };
        case 'blocked':
          return { kind: 'retry', reason: evicted.why, afterMs: evicted.afterMs };
      }
    }),
});
