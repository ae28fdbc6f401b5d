/** A network policy that cuts the alert's pod, and all that are like it, from the network. */

import { schema } from '@peregrine/base';
import { defineAction } from '../action.ts';
import { podTarget, podText } from '../targets/pod.ts';
import { networkPolicies } from './kinds.ts';
import { orOutcome } from './outcome-of.ts';
import { restorePolicy, writePolicy } from './policy-change.ts';
import { labelsText, policyKeys, policyRefusals, policySubject } from './policy-subject.ts';

export const networkpolicy = defineAction({
  name: 'kubernetes:networkpolicy',
  platform: 'kubernetes',
  doc: 'Makes or changes a network policy that denies all egress of the pod that the alert came from and of those like it, but to what is allowed. Unlike with Falco Talon, allowed namespaces are found by the label that Kubernetes gives them, policies that others made are left alone, and a pod without labels of its own does not lead to a policy for its whole namespace.',
  parameters: schema(policyKeys),
  refuses: policyRefusals,
  target: podTarget,
  continues: true,
  artifact: 'none',
  permissions: () => [
    { group: '', resource: 'pods', verbs: ['get'] },
    { group: 'networking.k8s.io', resource: 'networkpolicies', verbs: ['get', 'create', 'update', 'delete'] },
  ],
  isRepeatable: true,
  timeoutMs: () => 10_000,
  examples: [
    { doc: 'Nothing is reached any more.', parameters: {} },
    {
      doc: 'Only the cluster itself, and its DNS.',
      parameters: { allow_cidr: ['10.0.0.0/8'], allow_namespaces: ['kube-system'] },
    },
  ],
  run: ({ target, targetUid, parameters: { allow_cidr, allow_namespaces }, ports, signal }) =>
    orOutcome(podText(target), async () => {
      const kube = await ports.kube();
      const subject = await policySubject(kube, target, targetUid, signal);
      if (subject.kind !== 'subject') return subject;
      const to = [
        ...allow_cidr.map((cidr) => ({ ipBlock: { cidr } })),
        ...allow_namespaces.map((name) => ({
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
        })),
      ];
      const spec = {
        podSelector: { matchLabels: subject.labels },
        ...(to.length === 0 ? {} : { egress: [{ to }] }),
        policyTypes: ['Egress'],
      };
      const but = to.length === 0 ? '' : ` but to ${[...allow_cidr, ...allow_namespaces].join(', ')}`;
      const place = { kind: networkPolicies, namespace: target.namespace, name: subject.name };
      const effect = `denies all egress of ${labelsText(subject.labels)}${but}`;
      return writePolicy(kube, { place, specOf: () => spec, effect }, signal);
    }),
  undo: restorePolicy,
});
