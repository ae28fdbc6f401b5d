/** Whether a user may do something: the roles and bindings that are there now, read as the RBAC authorizer reads them. */

import { documentsAt, type JsonDocument, textAt, textsAt } from '../document.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { clusterRoleBindings, clusterRoles, roleBindings, roles } from '../objects/resource-types.ts';
import { detailsOf, StatusError } from '../status.ts';
import { MASTERS, type User } from './users.ts';

export interface Attributes {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** Of what is no resource; empty for those. */
  readonly path: string;
}

export interface Decision {
  readonly isAllowed: boolean;
  /** As the audit log has it; empty when refused. */
  readonly reason: string;
}

interface Grant {
  readonly rule: JsonDocument;
  /** Empty: everywhere. */
  readonly namespace: string;
  readonly binding: string;
}

export function decide(store: ObjectStore, user: User, asked: Attributes): Decision {
  if (user.groups.includes(MASTERS)) return { isAllowed: true, reason: '' };
  const grant = grantsOf(store, user, asked.namespace).find(({ rule }) => covers(rule, asked));
  if (grant === undefined) return { isAllowed: false, reason: '' };
  return { isAllowed: true, reason: `RBAC: allowed by ${grant.binding}` };
}

/** The rules that a user has in a namespace; an empty one: those that count everywhere. */
export function grantsOf(store: ObjectStore, user: User, namespace: string): readonly Grant[] {
  const everywhere = store
    .list(clusterRoleBindings)
    .flatMap((binding) => grantsBy(store, user, binding, 'ClusterRoleBinding', ''));
  if (namespace === '') return everywhere;
  const there = store
    .list(roleBindings, namespace)
    .flatMap((binding) => grantsBy(store, user, binding, 'RoleBinding', namespace));
  return [...everywhere, ...there];
}

function grantsBy(
  store: ObjectStore,
  user: User,
  binding: JsonDocument,
  kind: string,
  namespace: string,
): readonly Grant[] {
  const subject = documentsAt(binding, 'subjects').find((given) => isSubject(given, user, namespace));
  if (subject === undefined) return [];
  const role = textAt(binding, 'roleRef', 'name');
  const roleKind = textAt(binding, 'roleRef', 'kind');
  const found =
    roleKind === 'ClusterRole' ? store.get(clusterRoles, '', role) : store.get(roles, namespace, role);
  const own = textAt(binding, 'metadata', 'name');
  const place = namespace === '' ? own : `${own}/${namespace}`;
  const told = `${kind} "${place}" of ${roleKind} "${role}" to ${textAt(subject, 'kind')} "${nameOf(subject)}"`;
  return documentsAt(found, 'rules').map((rule) => ({ rule, namespace, binding: told }));
}

function nameOf(subject: JsonDocument): string {
  const name = textAt(subject, 'name');
  return textAt(subject, 'kind') === 'ServiceAccount' ? `${name}/${textAt(subject, 'namespace')}` : name;
}

function isSubject(subject: JsonDocument, user: User, namespace: string): boolean {
  const name = textAt(subject, 'name');
  switch (textAt(subject, 'kind')) {
    case 'User':
      return user.name === name;
    case 'Group':
      return user.groups.includes(name);
    default: {
      const home = textAt(subject, 'namespace') || namespace;
      return user.name === `system:serviceaccount:${home}:${name}`;
    }
  }
}

function covers(rule: JsonDocument, asked: Attributes): boolean {
  if (!includes(textsAt(rule, 'verbs'), asked.verb)) return false;
  if (asked.path !== '') {
    const paths = textsAt(rule, 'nonResourceURLs');
    return paths.some((path) =>
      path.endsWith('*') ? asked.path.startsWith(path.slice(0, -1)) : path === asked.path,
    );
  }
  const names = textsAt(rule, 'resourceNames');
  return (
    includes(textsAt(rule, 'apiGroups'), asked.group) &&
    coversResource(textsAt(rule, 'resources'), asked.resource, asked.subresource) &&
    (names.length === 0 || names.includes(asked.name))
  );
}

function includes(given: readonly string[], wanted: string): boolean {
  return given.includes('*') || given.includes(wanted);
}

function coversResource(given: readonly string[], resource: string, subresource: string): boolean {
  if (given.includes('*')) return true;
  if (subresource === '') return given.includes(resource);
  return given.includes(`${resource}/${subresource}`) || given.includes(`*/${subresource}`);
}

/** The 403 that users know. */
export function forbidden(user: User, asked: Attributes): StatusError {
  const { verb, group, resource, subresource, namespace, name, path } = asked;
  const details = path === '' ? detailsOf({ group, resource, kind: '' }, name) : {};
  return new StatusError({ code: 403, reason: 'Forbidden', message: messageOf(), details });

  function messageOf(): string {
    const who = `User ${JSON.stringify(user.name)}`;
    if (path !== '') return `forbidden: ${who} cannot ${verb} path ${JSON.stringify(path)}`;
    const what = group === '' ? resource : `${resource}.${group}`;
    const whole = subresource === '' ? resource : `${resource}/${subresource}`;
    const target = name === '' ? `${what} is forbidden` : `${what} "${name}" is forbidden`;
    const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
    return `${target}: ${who} cannot ${verb} resource "${whole}" in API group "${group}" ${where}`;
  }
}
