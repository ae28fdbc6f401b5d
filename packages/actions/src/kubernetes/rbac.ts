/** The least that Kubernetes must allow for rules to do what they say. */

import type { JsonObject } from '@peregrine/base';
import type { Permission } from '../action.ts';
import type { ResponsePlan } from '../rules/plan.ts';
import { events, groupOf, leases, nodes, pods } from './kinds.ts';
import type { KubeKind } from './kube-port.ts';

export interface RbacOptions {
  /** Of the service account; the lease is in the same namespace. */
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Whether everybody is told by events at the objects, whatever rules name. */
  readonly tellsEvents: boolean;
  readonly electsLeader: boolean;
}

const RBAC = 'rbac.authorization.k8s.io';
const NAME = 'peregrine-response';
const EVENTS = 'k8sevents';

/** What the plan's actions take, each resource once, sorted. */
export function permissionsOf({ rules }: ResponsePlan, tellsEvents: boolean): readonly Permission[] {
  const isTold = tellsEvents || rules.some(({ notifiers }) => notifiers.includes(EVENTS));
  const steps = rules.flatMap((rule) => rule.steps);
  const looksAtNodes = steps.some(({ contexts }) => contexts.includes('k8snode'));
  return joined([
    ...steps.flatMap(({ action, parameters }) => action.permissions(parameters)),
    ...(looksAtNodes ? [allow(pods, 'get'), allow(nodes, 'get')] : []),
    ...(isTold ? [allow(events, 'create')] : []),
  ]);
}

/** Manifests: the account, what it may do everywhere, and in its own namespace. */
export function rbacManifests(plan: ResponsePlan, options: RbacOptions): readonly JsonObject[] {
  const { namespace, serviceAccount, electsLeader, tellsEvents } = options;
  const permissions = permissionsOf(plan, tellsEvents);
  const subjects = [{ kind: 'ServiceAccount', name: serviceAccount, namespace }];
  const bound = (
    kind: 'ClusterRole' | 'Role',
    where: JsonObject,
    rules: readonly Permission[],
  ): readonly JsonObject[] =>
    rules.length === 0
      ? []
      : [
          { apiVersion: `${RBAC}/v1`, kind, metadata: where, rules: rules.map(ruleOf) },
          {
            apiVersion: `${RBAC}/v1`,
            kind: `${kind}Binding`,
            metadata: where,
            roleRef: { apiGroup: RBAC, kind, name: NAME },
            subjects,
          },
        ];
  const lease = electsLeader ? joined([allow(leases, 'get', 'create', 'update')]) : [];
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: serviceAccount, namespace } },
    ...bound('ClusterRole', { name: NAME }, permissions),
    ...bound('Role', { name: NAME, namespace }, lease),
  ];
}

function allow(kind: KubeKind, ...verbs: readonly string[]): Permission {
  return { group: groupOf(kind), resource: kind.resource, verbs };
}

function ruleOf({ group, resource, verbs }: Permission): JsonObject {
  return { apiGroups: [group], resources: [resource], verbs };
}

function joined(permissions: readonly Permission[]): readonly Permission[] {
  const verbsByPlace = new Map<string, Set<string>>();
  for (const { group, resource, verbs } of permissions) {
    const place = `${group}/${resource}`;
    verbsByPlace.set(place, new Set([...(verbsByPlace.get(place) ?? []), ...verbs]));
  }
  return [...verbsByPlace]
    .sort(([first], [second]) => (first < second ? -1 : 1))
    .map(([place, verbs]) => {
      const slash = place.indexOf('/');
      return { group: place.slice(0, slash), resource: place.slice(slash + 1), verbs: [...verbs].sort() };
    });
}
