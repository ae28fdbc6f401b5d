/** The kinds of objects that the stand-in has: one roster, from which paths, discovery and tables come. */

export interface Subresource {
  readonly name: string;
  /** Of what is sent and answered; the object's own where absent. */
  readonly kind?: string;
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly string[];
}

export interface ResourceType {
  /** Empty for the core. */
  readonly group: string;
  readonly version: string;
  /** In paths: `pods`. */
  readonly resource: string;
  readonly singular: string;
  readonly kind: string;
  readonly shortNames: readonly string[];
  readonly isNamespaced: boolean;
  readonly isInAll: boolean;
  readonly subresources: readonly Subresource[];
}

const status: Subresource = { name: 'status', verbs: ['get', 'patch', 'update'] };
const scale: Subresource = {
  name: 'scale',
  kind: 'Scale',
  group: 'autoscaling',
  version: 'v1',
  verbs: ['get', 'patch', 'update'],
};
const connect = ['create', 'get'];
const proxied = ['create', 'delete', 'get', 'patch', 'update'];

type Options = Partial<Pick<ResourceType, 'shortNames' | 'isNamespaced' | 'isInAll' | 'subresources'>>;

function group(name: string, version: string) {
  return (kind: string, resource: string, options: Options = {}): ResourceType => ({
    group: name,
    version,
    resource,
    kind,
    singular: kind.toLowerCase(),
    shortNames: options.shortNames ?? [],
    isNamespaced: options.isNamespaced ?? true,
    isInAll: options.isInAll ?? false,
    subresources: options.subresources ?? [],
  });
}

const core = group('', 'v1');
const apps = group('apps', 'v1');
const rbac = group('rbac.authorization.k8s.io', 'v1');
const calico = group('crd.projectcalico.org', 'v1');
const calicoApi = group('projectcalico.org', 'v3');
const cilium = group('cilium.io', 'v2');
const isCluster = { isNamespaced: false };
const isWorkload = { isInAll: true, subresources: [scale, status] };

export const pods: ResourceType = core('Pod', 'pods', {
  shortNames: ['po'],
  isInAll: true,
  subresources: [
    { name: 'attach', kind: 'PodAttachOptions', verbs: connect },
    { name: 'binding', kind: 'Binding', verbs: ['create'] },
    { name: 'ephemeralcontainers', verbs: ['get', 'patch', 'update'] },
    { name: 'eviction', kind: 'Eviction', group: 'policy', version: 'v1', verbs: ['create'] },
    { name: 'exec', kind: 'PodExecOptions', verbs: connect },
    { name: 'log', verbs: ['get'] },
    status,
  ],
});
export const namespaces: ResourceType = core('Namespace', 'namespaces', {
  ...isCluster,
  shortNames: ['ns'],
  subresources: [status],
});
export const nodes: ResourceType = core('Node', 'nodes', {
  ...isCluster,
  shortNames: ['no'],
  subresources: [status],
});
export const serviceAccounts: ResourceType = core('ServiceAccount', 'serviceaccounts', {
  shortNames: ['sa'],
  subresources: [
    {
      name: 'token',
      kind: 'TokenRequest',
      group: 'authentication.k8s.io',
      version: 'v1',
      verbs: ['create'],
    },
  ],
});
export const events: ResourceType = core('Event', 'events', { shortNames: ['ev'] });
export const services: ResourceType = core('Service', 'services', {
  shortNames: ['svc'],
  isInAll: true,
  subresources: [{ name: 'proxy', kind: 'ServiceProxyOptions', verbs: proxied }, status],
});
export const deployments: ResourceType = apps('Deployment', 'deployments', {
  ...isWorkload,
  shortNames: ['deploy'],
});
export const replicaSets: ResourceType = apps('ReplicaSet', 'replicasets', {
  ...isWorkload,
  shortNames: ['rs'],
});
export const statefulSets: ResourceType = apps('StatefulSet', 'statefulsets', {
  ...isWorkload,
  shortNames: ['sts'],
});
export const daemonSets: ResourceType = apps('DaemonSet', 'daemonsets', {
  shortNames: ['ds'],
  isInAll: true,
  subresources: [status],
});
export const jobs: ResourceType = group('batch', 'v1')('Job', 'jobs', {
  isInAll: true,
  subresources: [status],
});
export const disruptionBudgets: ResourceType = group('policy', 'v1')(
  'PodDisruptionBudget',
  'poddisruptionbudgets',
  { shortNames: ['pdb'], subresources: [status] },
);
export const roles: ResourceType = rbac('Role', 'roles');
export const roleBindings: ResourceType = rbac('RoleBinding', 'rolebindings');
export const clusterRoles: ResourceType = rbac('ClusterRole', 'clusterroles', isCluster);
export const clusterRoleBindings: ResourceType = rbac('ClusterRoleBinding', 'clusterrolebindings', isCluster);

export const resourceTypes: readonly ResourceType[] = [
  pods,
  nodes,
  namespaces,
  events,
  core('ConfigMap', 'configmaps', { shortNames: ['cm'] }),
  core('Secret', 'secrets'),
  services,
  serviceAccounts,
  deployments,
  daemonSets,
  statefulSets,
  replicaSets,
  jobs,
  group('networking.k8s.io', 'v1')('NetworkPolicy', 'networkpolicies', { shortNames: ['netpol'] }),
  roles,
  roleBindings,
  clusterRoles,
  clusterRoleBindings,
  group('coordination.k8s.io', 'v1')('Lease', 'leases'),
  disruptionBudgets,
  calico('NetworkPolicy', 'networkpolicies'),
  calico('GlobalNetworkPolicy', 'globalnetworkpolicies', isCluster),
  calicoApi('NetworkPolicy', 'networkpolicies', { shortNames: ['cnp', 'caliconetworkpolicy'] }),
  calicoApi('GlobalNetworkPolicy', 'globalnetworkpolicies', {
    ...isCluster,
    shortNames: ['gnp', 'cgnp'],
  }),
  cilium('CiliumNetworkPolicy', 'ciliumnetworkpolicies', { shortNames: ['cnp', 'ciliumnp'] }),
  cilium('CiliumClusterwideNetworkPolicy', 'ciliumclusterwidenetworkpolicies', {
    ...isCluster,
    shortNames: ['ccnp'],
  }),
];

/** Questions that are answered and not kept. */
export const reviewTypes: readonly ResourceType[] = [
  group('authorization.k8s.io', 'v1')('SelfSubjectAccessReview', 'selfsubjectaccessreviews', isCluster),
  group('authorization.k8s.io', 'v1')('SelfSubjectRulesReview', 'selfsubjectrulesreviews', isCluster),
  group('authentication.k8s.io', 'v1')('SelfSubjectReview', 'selfsubjectreviews', isCluster),
];

/** Whether somebody's definition brought the kind: of such a kind servers know nothing but its name. */
export function isCustom({ group }: Pick<ResourceType, 'group'>): boolean {
  return group.endsWith('projectcalico.org') || group === 'cilium.io';
}

/** `v1`, `apps/v1`. */
export function apiVersionOf({ group, version }: Pick<ResourceType, 'group' | 'version'>): string {
  return group === '' ? version : `${group}/${version}`;
}

/** By what requests say; `undefined`: there is no such kind. */
export function findResourceType(group: string, version: string, resource: string): ResourceType | undefined {
  return [...resourceTypes, ...reviewTypes].find(
    (type) => type.group === group && type.version === version && type.resource === resource,
  );
}
