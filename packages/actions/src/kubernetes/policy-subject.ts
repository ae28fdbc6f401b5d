/** Which pods a network policy is for: what is called like the alert's pod, without what changes with each version. */

import { type JsonObject, list, parseIp, text, type ValueSchema } from '@peregrine/base';
import type { ActionOutcome, ParameterRefusal } from '../action.ts';
import { isNamespaceName } from '../targets/names.ts';
import { type PodTarget, placeOfPod, podText } from '../targets/pod.ts';
import type { KubePort } from './kube-port.ts';
import { objectMeta } from './object-view.ts';
import { kindOfOwner } from './workload-of.ts';

export interface PolicySubject {
  readonly kind: 'subject';
  /** Of the policy: that of the pod's owner, or its own. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Labels that controllers give each version, or each pod. */
const changing = new Set([
  ...['pod-template-hash', 'controller-revision-hash', 'pod-template-generation'],
  ...['statefulset.kubernetes.io/pod-name', 'apps.kubernetes.io/pod-index'],
]);

/** Rejects with a `KubeFailure`. */
export async function policySubject(
  kube: KubePort,
  target: PodTarget,
  uid: string | undefined,
  signal: AbortSignal,
): Promise<PolicySubject | Extract<ActionOutcome, { readonly kind: 'unchanged' | 'refused' }>> {
  const pod = await kube.get(placeOfPod(target), signal);
  if (pod === undefined || (uid !== undefined && objectMeta(pod).uid !== uid))
    return { kind: 'unchanged', reason: `${podText(target)} is gone` };
  const { labels, controller, name } = objectMeta(pod);
  const lasting = Object.entries(labels).filter(([label]) => !changing.has(label));
  // A policy for no labels is one for every pod of the namespace.
  if (lasting.length === 0)
    return {
      kind: 'refused',
      reason: `${podText(target)} has no labels that tell it from others: label it first`,
    };
  const isOwned = controller !== undefined && kindOfOwner(controller) !== undefined;
  return { kind: 'subject', name: isOwned ? controller.name : name, labels: Object.fromEntries(lasting) };
}

export const policyKeys: {
  readonly allow_cidr: ValueSchema<readonly string[]>;
  readonly allow_namespaces: ValueSchema<readonly string[]>;
} = {
  allow_cidr: list(text({ doc: 'Addresses: `10.0.0.0/8`.' }), {
    default: [],
    doc: 'Addresses that may still be reached.',
    example: '[10.0.0.0/8]',
  }),
  allow_namespaces: list(text({ doc: 'Name of a namespace.' }), {
    default: [],
    doc: 'Namespaces whose pods may still be reached.',
    example: '[kube-system]',
  }),
};

export interface PolicyParameters {
  readonly allow_cidr: readonly string[];
  readonly allow_namespaces: readonly string[];
}

export function policyRefusals({
  allow_cidr,
  allow_namespaces,
}: PolicyParameters): readonly ParameterRefusal[] {
  return [
    ...allow_cidr
      .filter((cidr) => !isCidr(cidr))
      .map((cidr) => ({
        key: 'allow_cidr',
        why: `has \`${cidr}\`, which is no range of addresses such as \`10.0.0.0/8\``,
      })),
    ...allow_namespaces
      .filter((name) => !isNamespaceName(name))
      .map((name) => ({ key: 'allow_namespaces', why: `has \`${name}\`, which is no name of a namespace` })),
  ];
}

function isCidr(cidr: string): boolean {
  const [, address = '', bits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(cidr) ?? [];
  const parsed = parseIp(address);
  return parsed !== undefined && Number(bits) <= (typeof parsed === 'number' ? 32 : 128);
}

/** `10.0.0.1/32`: an address alone; `undefined` for what is none. */
export function hostCidr(address: string): string | undefined {
  const parsed = parseIp(address);
  return parsed === undefined ? undefined : `${address}/${typeof parsed === 'number' ? 32 : 128}`;
}

/** `app=alpine, tier=web`. */
export function labelsText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
}

/** Lists of a former spec, as long as they are of the form that we write. */
export function objectsAt(spec: JsonObject | undefined, name: string): readonly JsonObject[] {
  const found = spec?.[name];
  return Array.isArray(found)
    ? found.filter((item): item is JsonObject => typeof item === 'object' && item !== null)
    : [];
}
