/** Roles and bindings that every cluster has. */

import type { JsonDocument } from '../document.ts';
import { MASTERS } from './users.ts';

const readVerbs = ['get', 'list', 'watch'];
const writeVerbs = ['create', 'delete', 'deletecollection', 'patch', 'update'];
const viewed = [
  {
    apiGroups: [''],
    resources: [
      'configmaps',
      'events',
      'pods',
      'pods/log',
      'pods/status',
      'services',
      'serviceaccounts',
      'namespaces',
    ],
  },
  {
    apiGroups: ['apps'],
    resources: ['daemonsets', 'deployments', 'deployments/scale', 'replicasets', 'statefulsets'],
  },
  { apiGroups: ['batch'], resources: ['jobs'] },
  { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'] },
  { apiGroups: ['policy'], resources: ['poddisruptionbudgets'] },
];
const viewRules = viewed.map((rule) => ({ ...rule, verbs: readVerbs }));
const editRules = [
  ...viewRules,
  ...viewed.map((rule) => ({ ...rule, verbs: writeVerbs })),
  { apiGroups: [''], resources: ['secrets'], verbs: [...readVerbs, ...writeVerbs] },
  {
    apiGroups: [''],
    resources: ['pods/exec', 'pods/attach', 'services/proxy'],
    verbs: ['get', ...writeVerbs],
  },
  { apiGroups: [''], resources: ['pods/eviction'], verbs: ['create'] },
];
const adminRules = [
  ...editRules,
  {
    apiGroups: ['rbac.authorization.k8s.io'],
    resources: ['roles', 'rolebindings'],
    verbs: [...readVerbs, ...writeVerbs],
  },
];
const discoveryPaths = [
  '/api',
  '/api/*',
  '/apis',
  '/apis/*',
  '/healthz',
  '/livez',
  '/openapi',
  '/openapi/*',
  '/readyz',
  '/version',
  '/version/',
];

const rulesByRole: Readonly<Record<string, readonly JsonDocument[]>> = {
  'cluster-admin': [
    { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
    { nonResourceURLs: ['*'], verbs: ['*'] },
  ],
  admin: adminRules,
  edit: editRules,
  view: viewRules,
  'system:basic-user': [
    {
      apiGroups: ['authorization.k8s.io'],
      resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
      verbs: ['create'],
    },
    { apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'], verbs: ['create'] },
  ],
  'system:discovery': [{ nonResourceURLs: discoveryPaths, verbs: ['get'] }],
  'system:public-info-viewer': [
    { nonResourceURLs: ['/healthz', '/livez', '/readyz', '/version', '/version/'], verbs: ['get'] },
  ],
};

export const builtInRoles: readonly JsonDocument[] = Object.entries(rulesByRole).map(([name, rules]) => ({
  metadata: { name },
  rules,
}));

const groupsByRole: Readonly<Record<string, readonly string[]>> = {
  'cluster-admin': [MASTERS],
  'system:basic-user': ['system:authenticated'],
  'system:discovery': ['system:authenticated'],
  'system:public-info-viewer': ['system:authenticated', 'system:unauthenticated'],
};

const apiGroup = 'rbac.authorization.k8s.io';

export const builtInBindings: readonly JsonDocument[] = Object.entries(groupsByRole).map(
  ([name, groups]) => ({
    metadata: { name },
    roleRef: { apiGroup, kind: 'ClusterRole', name },
    subjects: groups.map((group) => ({ apiGroup, kind: 'Group', name: group })),
  }),
);
