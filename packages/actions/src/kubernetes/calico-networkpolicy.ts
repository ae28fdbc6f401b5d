/** A Calico policy that denies the address of the alert. */

import { integer, type JsonObject, listIn, objectIn, schema, textIn } from '@peregrine/base';
import { defineAction } from '../action.ts';
import { podTarget } from '../targets/pod.ts';
import { denyRemote } from './deny-remote.ts';
import { calicoNetworkPolicies } from './kinds.ts';
import { restorePolicy } from './policy-change.ts';
import { objectsAt, policyKeys, policyRefusals } from './policy-subject.ts';

export const calicoNetworkpolicy = defineAction({
  name: 'calico:networkpolicy',
  platform: 'kubernetes',
  doc: 'Makes or changes a Calico policy that denies the pod that the alert came from, and those like it, the address of the alert (`fd.rip`, else `fd.sip`); addresses that it denied before stay denied. Calico reads it through its API server. Unlike with Falco Talon, addresses of IPv6 are denied one by one, too, and policies that others made are left alone.',
  parameters: schema({
    ...policyKeys,
    order: integer({
      default: 0,
      min: 0,
      max: 1_000_000,
      doc: 'Place among the policies of Calico: lower ones count first.',
    }),
  }),
  refuses: policyRefusals,
  target: podTarget,
  continues: true,
  artifact: 'none',
  permissions: () => [
    { group: '', resource: 'pods', verbs: ['get'] },
    { group: 'projectcalico.org', resource: 'networkpolicies', verbs: ['get', 'create', 'update', 'delete'] },
  ],
  isRepeatable: true,
  timeoutMs: () => 10_000,
  examples: [
    { doc: 'Only that address is denied.', parameters: {} },
    {
      doc: 'Everything is denied but the cluster itself.',
      parameters: { allow_cidr: ['10.0.0.0/8'], allow_namespaces: ['kube-system'], order: 20 },
    },
  ],
  run: (call) =>
    denyRemote(call, {
      kind: calicoNetworkPolicies,
      deniedIn,
      specOf: (labels, denied) => specWith(call.parameters, selectorOf(labels), denied),
    }),
  undo: restorePolicy,
});

function selectorOf(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name} == '${value}'`)
    .join(' && ');
}

function specWith(
  {
    allow_cidr,
    allow_namespaces,
    order,
  }: {
    readonly allow_cidr: readonly string[];
    readonly allow_namespaces: readonly string[];
    readonly order: number;
  },
  selector: string,
  denied: readonly string[],
): JsonObject {
  const isAll = allow_cidr.length === 0 && allow_namespaces.length === 0;
  const nets = isAll ? ['0.0.0.0/0', '::/0'] : allow_cidr;
  return {
    order,
    selector,
    types: ['Egress'],
    egress: [
      { action: 'Deny', destination: { nets: denied } },
      ...(nets.length === 0 ? [] : [{ action: 'Allow', destination: { nets } }]),
      ...allow_namespaces.map((name) => ({
        action: 'Allow',
        destination: { namespaceSelector: `kubernetes.io/metadata.name == '${name}'` },
      })),
    ],
  };
}

function deniedIn(former: JsonObject | undefined): readonly string[] {
  return objectsAt(former, 'egress')
    .filter((rule) => rule.action === 'Deny')
    .flatMap((rule) => listIn(objectIn(rule.destination)?.nets).map(textIn))
    .filter((cidr) => cidr !== '');
}
