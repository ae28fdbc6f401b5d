import type { JsonDocument } from '@peregrine/base';
import { JsonNode, pointerPath } from '@peregrine/events';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonEvent } from '../json/json-event.ts';
import { createAuditSource } from './audit-source.ts';

const event = (object: JsonDocument): JsonEvent => ({
  document: JsonNode.of(object),
  num: 1,
  timeNs: 1_700_000_000_123_456_789n,
});
const source = createAuditSource();
const bound = (name: string, argument?: string) => {
  const resolution = source.resolve(name, argument);
  return resolution.kind === 'field' ? resolution.field : undefined;
};
const read = (name: string, object: JsonDocument, argument?: string) =>
  bound(name, argument)?.read(event(object));

const pod: JsonDocument = {
  auditID: 'a-1',
  stage: 'ResponseComplete',
  verb: 'create',
  requestURI: '/api/v1/namespaces/default/pods/web/exec?command=sh&command=-c&stdin=true',
  user: { username: 'alice', groups: ['dev', 'ops'] },
  sourceIPs: ['10.0.0.1', '10.0.0.2'],
  annotations: { 'authorization.k8s.io/decision': 'allow' },
  objectRef: { resource: 'pods', namespace: 'default', name: 'web' },
  responseStatus: { code: 201 },
  responseObject: { metadata: { name: 'web-1' } },
  requestObject: {
    spec: {
      hostNetwork: true,
      securityContext: { runAsUser: 1000 },
      volumes: [
        { name: 'v', hostPath: { path: '/etc/x' } },
        { name: 'w', emptyDir: {} },
      ],
      containers: [
        {
          name: 'a',
          image: 'host:5000/team/app:1.2',
          command: ['sh', '-c'],
          securityContext: { privileged: true },
        },
        {
          name: 'b',
          image: 'app@sha256:00',
          ports: [{ containerPort: 80 }, { containerPort: 81, hostPort: 9 }],
        },
      ],
    },
  },
};

const role: JsonDocument = {
  auditID: 'a-2',
  requestObject: {
    rules: [
      { verbs: ['get', 'list'], resources: ['pods'] },
      { verbs: ['*'], nonResourceURLs: ['/x'] },
    ],
    subjects: [
      { kind: 'User', name: 'u' },
      { kind: 'ServiceAccount', name: 's', namespace: 'n' },
    ],
    roleRef: { name: 'cluster-admin' },
  },
};

describe('fields of audit events', () => {
  test.each<[string, string | undefined, unknown]>([
    ['ka.auditid', undefined, 'a-1'],
    ['ka.user.name', undefined, 'alice'],
    ['ka.user.groups', undefined, ['dev', 'ops']],
    ['ka.auth.decision', undefined, 'allow'],
    ['ka.uri.param', 'command', 'sh'],
    ['ka.uri.param', 'absent', undefined],
    ['ka.sourceips', undefined, ['10.0.0.1', '10.0.0.2']],
    ['ka.sourceips', '1', ['10.0.0.2']],
    ['ka.sourceips', '2', undefined],
    ['ka.target.pod.name', undefined, 'web-1'],
    ['ka.response.code', undefined, '201'],
    ['ka.req.pod.host_network', undefined, 'true'],
    ['ka.req.pod.host_pid', undefined, undefined],
    ['ka.req.pod.containers.name', undefined, ['a', 'b']],
    ['ka.req.pod.containers.image.repository', undefined, ['host:5000/team/app', 'app']],
    ['ka.req.pod.containers.command', undefined, ['sh -c']],
    ['ka.req.pod.containers.privileged', undefined, ['true']],
    ['ka.req.pod.containers.privileged', '1', undefined],
    ['ka.req.pod.containers.host_port', undefined, ['80', '9']],
    ['ka.req.pod.containers.eff_run_as_user', undefined, ['1000', '1000']],
    ['ka.req.container.privileged', undefined, 'true'],
    ['ka.req.pod.volumes.hostpath', undefined, ['/etc/x']],
    ['ka.req.pod.volumes.volume_type', undefined, ['hostPath', 'emptyDir']],
    ['ka.req.volume.hostpath', '/etc/*', 'true'],
    ['ka.req.volume.hostpath', '/etc', 'false'],
    ['jevt.value', '/objectRef/name', 'web'],
    ['jevt.value', 'responseStatus/code', '201'],
    ['jevt.rawtime', undefined, '1700000000123456789'],
  ])('%s[%s] of a pod request', (name, argument, expected) => {
    expect(read(name, pod, argument)).toEqual(expected);
  });

  test.each<[string, string | undefined, unknown]>([
    ['ka.req.role.rules.verbs', undefined, ['get', 'list', '*']],
    ['ka.req.role.rules.verbs', '1', ['*']],
    ['ka.req.role.rules.nonResourceURLs', undefined, ['/x']],
    ['ka.req.binding.role', undefined, 'cluster-admin'],
    ['ka.req.binding.subjects.user_names', undefined, ['u']],
    ['ka.req.binding.subjects.group_names', undefined, []],
    ['ka.req.binding.subjects.serviceaccount_ns_names', undefined, ['n:s']],
  ])('%s[%s] of a role or binding request', (name, argument, expected) => {
    expect(read(name, role, argument)).toEqual(expected);
  });

  test('an object without an audit id has no ka fields, but its JSON can be read', () => {
    expect(read('ka.verb', { verb: 'get' })).toBeUndefined();
    expect(read('json.value', { verb: 'get' }, '/verb')).toBe('get');
  });

  test('JSON pointers escape slash and tilde, and never reach inherited members', () => {
    expect(pointerPath('/a~1b/~0')).toEqual(['a/b', '~']);
    const object = { 'a/b': { '~': 1 }, list: [1, 2] };
    expect(read('json.value', object, '/a~1b/~0')).toBe('1');
    expect(read('json.value', object, '/constructor')).toBeUndefined();
    expect(['/list/1', '/list/01', '/list/2'].map((pointer) => read('json.value', object, pointer))).toEqual([
      '2',
      undefined,
      undefined,
    ]);
  });

  test('no document makes a reader throw', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (requestObject, objectRef, user) => {
        const object = JSON.parse(
          JSON.stringify({ auditID: 'x', requestObject, objectRef, user }),
        ) as JsonDocument;
        for (const { name, argument } of source.fields)
          for (const given of argument.requirement === 'none' ? [undefined] : ['0', 'a'])
            read(name, object, given);
      }),
      { numRuns: 200 },
    );
  });
});
