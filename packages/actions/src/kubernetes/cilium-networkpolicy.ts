/** A Cilium policy that denies the address of the alert. */

import { type JsonObject, listIn, schema, textIn } from '@peregrine/base';
import { defineAction } from '../action.ts';
import { podTarget } from '../targets/pod.ts';
import { denyRemote } from './deny-remote.ts';
import { ciliumNetworkPolicies } from './kinds.ts';
import { restorePolicy } from './policy-change.ts';
import { objectsAt, type PolicyParameters, policyKeys, policyRefusals } from './policy-subject.ts';

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
  run: (call) =>
    denyRemote(call, {
      kind: ciliumNetworkPolicies,
      deniedIn,
      specOf: (matchLabels, denied) => ({
        endpointSelector: { matchLabels },
        egressDeny: [{ toCIDR: denied }],
        egress: allowed(call.parameters),
      }),
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
