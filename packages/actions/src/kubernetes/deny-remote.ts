/** Policies that deny a pod, and those like it, the address of the alert, beside the addresses that they denied before. */

import type { JsonObject } from '@peregrine/base';
import type { ActionCall, ActionOutcome } from '../action.ts';
import { type PodTarget, podText } from '../targets/pod.ts';
import type { KubeKind } from './kube-port.ts';
import { orOutcome } from './outcome-of.ts';
import { writePolicy } from './policy-change.ts';
import { labelsText, policySubject } from './policy-subject.ts';
import { remoteCidr } from './remote-address.ts';

export interface Denial {
  readonly kind: KubeKind;
  /** Addresses that a policy denies; none for no policy. */
  readonly deniedIn: (former: JsonObject | undefined) => readonly string[];
  /** For pods with these labels. */
  readonly specOf: (labels: Readonly<Record<string, string>>, denied: readonly string[]) => JsonObject;
}

export function denyRemote<P>(
  { alert, target, targetUid, ports, signal }: ActionCall<P, PodTarget>,
  { kind, deniedIn, specOf }: Denial,
): Promise<ActionOutcome> {
  return orOutcome(podText(target), async () => {
    const remote = remoteCidr(alert);
    if (remote.kind === 'refused') return remote;
    const kube = await ports.kube();
    const subject = await policySubject(kube, target, targetUid, signal);
    if (subject.kind !== 'subject') return subject;
    return writePolicy(
      kube,
      {
        place: { kind, namespace: target.namespace, name: subject.name },
        effect: `denies ${remote.cidr} to ${labelsText(subject.labels)}`,
        specOf: (former) => specOf(subject.labels, [...new Set([...deniedIn(former), remote.cidr])]),
      },
      signal,
    );
  });
}
