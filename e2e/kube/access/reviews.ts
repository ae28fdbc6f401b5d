/** Questions about oneself: whether one may do something, what all one may, and who one is. */

import { compact, documentAt, type JsonDocument, textAt, textsAt } from '../document.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import type { ResourceType } from '../objects/resource-types.ts';
import { decide, grantsOf } from './rbac.ts';
import type { User } from './users.ts';

/** The question with its answer. */
export function answerReview(
  store: ObjectStore,
  user: User,
  type: ResourceType,
  body: JsonDocument,
): JsonDocument {
  const apiVersion = `${type.group}/${type.version}`;
  const question = { kind: type.kind, apiVersion, metadata: { creationTimestamp: null } };
  const spec = documentAt(body, 'spec');
  switch (type.kind) {
    case 'SelfSubjectAccessReview': {
      const { isAllowed, reason } = decide(store, user, attributesOf(spec));
      const status = compact({ allowed: isAllowed, reason: reason === '' ? undefined : reason });
      return { ...question, spec, status };
    }
    case 'SelfSubjectRulesReview':
      return { ...question, spec: {}, status: rulesOf(store, user, textAt(spec, 'namespace')) };
    default:
      return { ...question, status: { userInfo: { username: user.name, groups: user.groups } } };
  }
}

function attributesOf(spec: JsonDocument) {
  const asked = documentAt(spec, 'resourceAttributes');
  const other = documentAt(spec, 'nonResourceAttributes');
  return {
    verb: textAt(asked, 'verb') || textAt(other, 'verb'),
    group: textAt(asked, 'group'),
    resource: textAt(asked, 'resource'),
    subresource: textAt(asked, 'subresource'),
    namespace: textAt(asked, 'namespace'),
    name: textAt(asked, 'name'),
    path: textAt(other, 'path'),
  };
}

function rulesOf(store: ObjectStore, user: User, namespace: string): JsonDocument {
  const rules = grantsOf(store, user, namespace).map(({ rule }) => rule);
  const isOfPaths = (rule: JsonDocument): boolean => textsAt(rule, 'nonResourceURLs').length > 0;
  return {
    resourceRules: rules.filter((rule) => !isOfPaths(rule)),
    nonResourceRules: rules.filter(isOfPaths),
    incomplete: false,
  };
}
