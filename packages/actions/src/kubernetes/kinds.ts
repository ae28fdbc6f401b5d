/** The kinds of objects that actions know: where the API has each. */

import type { KubeKind } from './kube-port.ts';

function kind(apiVersion: string, name: string, resource: string, isNamespaced = true): KubeKind {
  return { apiVersion, kind: name, resource, isNamespaced };
}

export const pods = kind('v1', 'Pod', 'pods');
export const nodes = kind('v1', 'Node', 'nodes', false);
export const namespaces = kind('v1', 'Namespace', 'namespaces', false);
export const configMaps = kind('v1', 'ConfigMap', 'configmaps');
export const secrets = kind('v1', 'Secret', 'secrets');
export const services = kind('v1', 'Service', 'services');
export const serviceAccounts = kind('v1', 'ServiceAccount', 'serviceaccounts');
export const events = kind('v1', 'Event', 'events');
export const replicationControllers = kind('v1', 'ReplicationController', 'replicationcontrollers');
export const deployments = kind('apps/v1', 'Deployment', 'deployments');
export const daemonSets = kind('apps/v1', 'DaemonSet', 'daemonsets');
export const statefulSets = kind('apps/v1', 'StatefulSet', 'statefulsets');
export const replicaSets = kind('apps/v1', 'ReplicaSet', 'replicasets');
export const jobs = kind('batch/v1', 'Job', 'jobs');
export const roles = kind('rbac.authorization.k8s.io/v1', 'Role', 'roles');
export const clusterRoles = kind('rbac.authorization.k8s.io/v1', 'ClusterRole', 'clusterroles', false);
export const leases = kind('coordination.k8s.io/v1', 'Lease', 'leases');
export const networkPolicies = kind('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies');
export const calicoNetworkPolicies = kind('projectcalico.org/v3', 'NetworkPolicy', 'networkpolicies');
export const ciliumNetworkPolicies = kind('cilium.io/v2', 'CiliumNetworkPolicy', 'ciliumnetworkpolicies');

/** `apps` of `apps/v1`; empty for the core group. */
export function groupOf({ apiVersion }: Pick<KubeKind, 'apiVersion'>): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}
