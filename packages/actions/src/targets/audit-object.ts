/** The object that an alert of the Kubernetes audit log is about. */

import type { HubAlert } from '@peregrine/alert';
import { placeText } from '../kubernetes/api-path.ts';
import * as kinds from '../kubernetes/kinds.ts';
import type { KubeKind, ObjectPlace } from '../kubernetes/kube-port.ts';
import { objectMeta } from '../kubernetes/object-view.ts';
import { inspectObject } from './inspect-object.ts';
import { firstField, isNamespaceName, isObjectName, isRoleName, shownName } from './names.ts';
import type { Found, TargetFacts, TargetKind } from './target.ts';

export interface AuditObject {
  readonly place: ObjectPlace;
  /** What of it the request was about: `exec`, `token`; empty: all of it. */
  readonly subresource: string;
}

/** COMPAT: the kinds that Talon deletes, and pods. */
export const auditKinds: readonly KubeKind[] = [
  ...[kinds.namespaces, kinds.configMaps, kinds.secrets, kinds.deployments, kinds.daemonSets],
  ...[kinds.statefulSets, kinds.replicaSets, kinds.services, kinds.serviceAccounts],
  ...[kinds.roles, kinds.clusterRoles, kinds.pods],
];
const freelyNamed: readonly KubeKind[] = [kinds.roles, kinds.clusterRoles];

function find(alert: HubAlert): Found<AuditObject> {
  const missing = (reason: string): Found<AuditObject> => ({ kind: 'missing', reason });
  const resource = firstField(alert, ['ka.target.resource']);
  const name = firstField(alert, ['ka.target.name']);
  const namespace = firstField(alert, ['ka.target.namespace']);
  if (resource === '' || name === '')
    return missing(
      'the alert names no object: its rule would have to put `ka.target.resource` and `ka.target.name` in its output',
    );
  const kind = auditKinds.find((candidate) => candidate.resource === resource);
  if (kind === undefined) return missing(`objects of the kind ${shownName(resource)} are left alone`);
  const isName =
    kind === kinds.namespaces ? isNamespaceName : freelyNamed.includes(kind) ? isRoleName : isObjectName;
  if (!isName(name)) return missing(`${shownName(name)} is no name of one of the \`${resource}\``);
  const subresource = firstField(alert, ['ka.target.subresource']);
  if (!kind.isNamespaced)
    return { kind: 'found', target: { place: { kind, namespace: '', name }, subresource } };
  if (namespace === '')
    return missing(
      'the alert names no namespace: its rule would have to put `ka.target.namespace` in its output',
    );
  if (!isNamespaceName(namespace)) return missing(`${shownName(namespace)} is no name of a namespace`);
  return { kind: 'found', target: { place: { kind, namespace, name }, subresource } };
}

/** INVARIANT: what protects a namespace protects it from its own deletion, too. */
function factsOf({ place: { kind, namespace, name } }: AuditObject): TargetFacts {
  if (kind === kinds.namespaces) return { namespace: name };
  return kind.isNamespaced ? { namespace } : {};
}

export const auditObjectTarget: TargetKind<AuditObject> = {
  name: 'object of the audit log',
  doc: 'The object that an alert of the Kubernetes audit log is about.',
  fields: ['ka.target.resource', 'ka.target.name', 'ka.target.namespace', 'ka.target.subresource'],
  find,
  keyOf: ({ place }) => placeText(place),
  factsOf,
  inspect: (target, ports, signal) =>
    inspectObject(target.place, { ports, signal }, (object) => {
      const { uid, labels } = objectMeta(object);
      return { ...factsOf(target), uid, labels };
    }),
};
