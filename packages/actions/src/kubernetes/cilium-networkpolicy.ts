/** A Cilium policy that denies the address of the alert. */

import { type JsonObject, listIn, schema, textIn } from '@peregrine/base';
import { defineAction } from '../action.ts';
import { podTarget, podText } from '../targets/pod.ts';
import { ciliumNetworkPolicies } from './kinds.ts';
import { orOutcome } from './outcome-of.ts';
import { restorePolicy, writePolicy } from './policy-change.ts';
import {
  labelsText,
  objectsAt,
  type PolicyParameters,
  policyKeys,
  policyRefusals,
  policySubject,
} from './policy-subject.ts';
import { remoteCidr } from './remote-address.ts';

export const ciliumNetworkpolicy = defineAction({
  name: 'cilium:networkpolicy',
  platform: 'kubernetes',
  doc: 'Makes or changes a Cilium policy that denies the pod that the alert came from, and those like it, the address of the alert (`fd.rip`, else `fd.sip`); addresses that it denied before stay denied. Unlike with Falco Talon, addresses of IPv6 are denied one by one, too, what is not denied stays reachable within the cluster where nothing is allowed by name, and policies that others made are left alone.',
  parameters: schema(policyKeys),
  refuses: policyRefusals,
  target: podTarget,
  continues: true,
  artifact: 'none',
  permissions: () => [
    { group: '', resource: 'pods', verbs: ['get'] },
    { group: 'cilium.io', resource: 'ciliumnetworkpolicies', verbs: ['get', 'create', 'update', 'delete'] },
  ],
  isRepeatable: true,
  timeoutMs: () => 10_000,
  examples: [
    { doc: 'Only that address is denied.', parameters: {} },
    {
      doc: 'Everything is denied but the cluster itself.',
      parameters: { allow_cidr: ['10.0.0.0/8'], allow_namespaces: ['kube-system'] },
    },
  ],
  run: ({ alert, target, targetUid, parameters, ports, signal }) =>
    orOutcome(podText(target), async () => {
      const remote = remoteCidr(alert);
      if (remote.kind === 'refused') return remote;
      const kube = await ports.kube();
      const subject = await policySubject(kube, target, targetUid, signal);
      if (subject.kind !== 'subject') return subject;
      const place = { kind: ciliumNetworkPolicies, namespace: target.namespace, name: subject.name };
      return writePolicy(
        kube,
        {
          place,
          effect: `denies ${remote.cidr} to ${labelsText(subject.labels)}`,
          specOf: (former) => ({
            endpointSelector: { matchLabels: subject.labels },
            egressDeny: [{ toCIDR: [...new Set([...deniedIn(former), remote.cidr])] }],
            egress: allowed(parameters),
          }),
        },
        signal,
      );
    }),
  undo: restorePolicy,
});

/** A rule that denies makes Cilium deny the rest, too, unless it is allowed; ranges of addresses are not those of pods. */
function allowed({ allow_cidr, allow_namespaces }: PolicyParameters): readonly JsonObject[] {
  if (allow_cidr.length === 0 && allow_namespaces.length === 0) return [{ toEntities: ['all'] }];
  return [
    ...(allow_cidr.length === 0 ? [] : [{ toCIDR: allow_cidr }]),
    ...allow_namespaces.map((name) => ({
      toEndpoints: [{ matchLabels: { 'k8s:io.kubernetes.pod.namespace': name } }],
    })),
  ];
}

function deniedIn(former: JsonObject | undefined): readonly string[] {
  return objectsAt(former, 'egressDeny')
    .flatMap((rule) => listIn(rule.toCIDR).map(textIn))
    .filter((cidr) => cidr !== '');
}
