/** What more an action may know: the node of the pod in Kubernetes, the instance in AWS. COMPAT: Talon's names. */

import { type HubAlert, textOfValue } from '@peregrine/alert';
import { type JsonObject, objectIn, textIn } from '@peregrine/base';
import { nodes, pods } from '../kubernetes/kinds.ts';
import type { KubePort } from '../kubernetes/kube-port.ts';
import type { AdditionalContext } from '../rules/plan.ts';

export interface ContextPorts {
  readonly alert: HubAlert;
  readonly kube: () => Promise<KubePort>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

const ROLE = 'node-role.kubernetes.io/';
/** COMPAT: the variable that AWS' own libraries read. */
const ENDPOINT = 'AWS_EC2_METADATA_SERVICE_ENDPOINT';

/** Rejects where it cannot be found out. */
export function readContext(
  context: AdditionalContext,
  ports: ContextPorts,
): Promise<Readonly<Record<string, string>>> {
  switch (context) {
    case 'k8snode':
      return nodeContext(ports);
    case 'aws':
      return awsContext(ports);
  }
}

async function nodeContext({ alert, kube, signal }: ContextPorts): Promise<Readonly<Record<string, string>>> {
  const port = await kube();
  const namespace = fieldOf(alert, 'k8s.ns.name');
  const pod = await port.get({ kind: pods, namespace, name: fieldOf(alert, 'k8s.pod.name') }, signal);
  const name = textIn(objectIn(pod?.spec)?.nodeName);
  const node = name === '' ? undefined : await port.get({ kind: nodes, namespace: '', name }, signal);
  return node === undefined ? {} : nodeFacts(node);
}

function nodeFacts(node: JsonObject): Readonly<Record<string, string>> {
  const labels = objectIn(objectIn(node.metadata)?.labels) ?? {};
  const role = Object.keys(labels).find((name) => name.startsWith(ROLE));
  return {
    'node.hostname': textIn(labels['kubernetes.io/hostname']),
    'node.instancetype': textIn(labels['node.kubernetes.io/instance-type']),
    'node.role': role === undefined ? '' : role.slice(ROLE.length),
    'node.topology.region': textIn(labels['topology.kubernetes.io/region']),
    'node.topology.zone': textIn(labels['topology.kubernetes.io/zone']),
    'node.spec.providerid': textIn(objectIn(node.spec)?.providerID),
  };
}

/** Of the machine that this runs on. */
async function awsContext({ environment, signal }: ContextPorts): Promise<Readonly<Record<string, string>>> {
  const endpoint = environment[ENDPOINT] ?? 'http://169.254.169.254';
  const ask = async (
    path: string,
    method: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<string> => {
    const answer = await fetch(new URL(path, endpoint), { method, headers, signal, redirect: 'error' });
    if (!answer.ok) throw new Error(`${path} answers ${answer.status}`);
    return answer.text();
  };
  const token = await ask('/latest/api/token', 'PUT', { 'x-aws-ec2-metadata-token-ttl-seconds': '60' });
  const headers = { 'x-aws-ec2-metadata-token': token };
  const [info, region] = await Promise.all([
    ask('/latest/meta-data/iam/info', 'GET', headers),
    ask('/latest/meta-data/placement/region', 'GET', headers),
  ]);
  const profile = objectIn(JSON.parse(info));
  return {
    'aws.instance_profile_arn': textIn(profile?.InstanceProfileArn),
    'aws.instance_profile_id': textIn(profile?.InstanceProfileId),
    'aws.region': region.trim(),
  };
}

function fieldOf({ fields }: HubAlert, name: string): string {
  return textOfValue(fields[name] ?? null);
}
