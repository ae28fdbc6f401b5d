import { expect, test } from 'vitest';
import { nodeOf } from '../../testing/node-of.ts';
import { readResponseRules } from '../rules/read-response-rules.ts';
import { permissionsOf, rbacManifests } from './rbac.ts';

const { plan } = readResponseRules([
  nodeOf([
    {
      rule: 'R',
      match: { rules: ['A'] },
      actions: [
        { actionner: 'kubernetes:label', parameters: { labels: { a: 'b' } } },
        { actionner: 'kubernetes:terminate', additional_contexts: ['k8snode'] },
      ],
      notifiers: ['k8sevents'],
    },
    { rule: 'S', match: { rules: ['A'] }, actions: ['kubernetes:terminate'] },
  ]),
]);
const given = plan ?? { rules: [] };

test('each resource once, with what all actions take', () => {
  const found = permissionsOf(given, false);
  expect(found.map(({ group, resource }) => `${group}/${resource}`)).toEqual(
    [...new Set(found.map(({ group, resource }) => `${group}/${resource}`))].sort(),
  );
  expect(found).toContainEqual({ group: '', resource: 'events', verbs: ['create'] });
  expect(found).toContainEqual({ group: '', resource: 'nodes', verbs: ['get'] });
  const ofPods = found.find(({ resource }) => resource === 'pods');
  expect(ofPods?.verbs).toEqual(expect.arrayContaining(['delete', 'get', 'patch']));
});

test('nothing for rules that need nothing', () => {
  const options = { namespace: 'p', serviceAccount: 's', tellsEvents: false, electsLeader: false };
  expect(rbacManifests({ rules: [] }, options).map(({ kind }) => kind)).toEqual(['ServiceAccount']);
});

test('the lease in the namespace of the account', () => {
  const options = { namespace: 'p', serviceAccount: 's', tellsEvents: false, electsLeader: true };
  const all = rbacManifests(given, options);
  expect(all.map(({ kind }) => kind)).toEqual([
    ...['ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'],
  ]);
  expect(all[3]).toMatchObject({
    metadata: { namespace: 'p' },
    rules: [
      { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create', 'get', 'update'] },
    ],
  });
});
