import { beforeEach, describe, expect, test } from 'vitest';
import { alertOf } from '../../testing/alert-of.ts';
import { broken, FakeKube, failure, forbidden } from '../../testing/fake-kube.ts';
import { alpine, putAlpine } from '../../testing/pods-of.ts';
import { parametersOf, runAction } from '../../testing/run-action.ts';
import { replicaSets } from './kinds.ts';
import { objectMeta } from './object-view.ts';
import { terminate } from './terminate.ts';

let kube: FakeKube;
beforeEach(() => {
  kube = new FakeKube();
});

test('the pod is deleted at once, in two requests, and only if it is that one', async () => {
  const { uid } = objectMeta(putAlpine(kube));
  expect(await runAction(terminate, { ports: kube.ports })).toMatchObject({
    kind: 'done',
    summary: 'deleted pod default/alpine at once',
    changes: [{ object: 'pod default/alpine', before: 'there', after: 'deleted' }],
  });
  expect(kube.calls).toEqual(['get pod default/alpine', 'delete pod default/alpine']);
  expect(kube.asked[1]?.body).toEqual({ uid, graceSeconds: 0 });
  expect(kube.at(alpine)).toBeUndefined();
});

test('its time to end is as the rule says', async () => {
  putAlpine(kube);
  await runAction(terminate, { ports: kube.ports, parameters: { grace_period_seconds: 7 } });
  expect(kube.asked[1]?.body).toMatchObject({ graceSeconds: 7 });
});

test('in a dry run it stays', async () => {
  putAlpine(kube);
  const outcome = await runAction(terminate, { ports: kube.dryPorts, isDryRun: true });
  expect(outcome.kind).toBe('done');
  expect(kube.calls).toEqual(['dry get pod default/alpine', 'dry delete pod default/alpine']);
  expect(kube.at(alpine)).toBeDefined();
});

test('a newer pod of the same name is left alone', async () => {
  putAlpine(kube);
  kube.onChange = () => {
    throw new Error('something was changed');
  };
  kube.failNext('delete', failure(409, 'Conflict', 'Precondition failed: UID in precondition'));
  expect(await runAction(terminate, { ports: kube.ports })).toEqual({
    kind: 'unchanged',
    reason: 'pod default/alpine is gone, and another of that name is there',
  });
});

test.each([
  ['before it is looked at', () => {}],
  ['after it was looked at', () => kube.failNext('delete', failure(404, 'NotFound'))],
])('a pod that goes %s is gone', async (when, prepare) => {
  if (when.startsWith('after')) putAlpine(kube);
  prepare();
  expect(await runAction(terminate, { ports: kube.ports })).toMatchObject({
    reason: 'pod default/alpine is gone',
  });
});

test('what RBAC lacks is named', async () => {
  putAlpine(kube);
  kube.failNext('delete', forbidden('delete', 'pods'));
  const outcome = await runAction(terminate, { ports: kube.ports });
  expect(outcome).toMatchObject({ kind: 'refused' });
  expect(outcome.kind === 'refused' && outcome.reason).toContain(
    'RBAC lacks `delete` on `pods` in namespace `default`',
  );
});

test.each([
  [failure(429, 'TooManyRequests', 'slow down', 3_000), { kind: 'retry', afterMs: 3_000 }],
  [failure(500, 'InternalError'), { kind: 'retry', afterMs: undefined }],
  [broken(), { kind: 'unknown', reason: 'the connection broke' }],
])('%s', async (error, expected) => {
  putAlpine(kube);
  kube.failNext('delete', error);
  expect(await runAction(terminate, { ports: kube.ports })).toMatchObject(expected);
});

describe('pods that are left alone', () => {
  const ready = (readyReplicas: number, replicas: number): void => {
    const metadata = { name: 'web-1', namespace: 'default' };
    kube.put(replicaSets, { metadata, spec: { replicas }, status: { readyReplicas } });
  };

  test.each([
    ['DaemonSet', { ignore_daemonsets: true }, '`ignore_daemonsets`'],
    ['StatefulSet', { ignore_statefulsets: true }, '`ignore_statefulsets`'],
    [undefined, { ignore_standalone_pods: true }, '`ignore_standalone_pods`'],
  ])('%s', async (kind, parameters, why) => {
    putAlpine(kube, kind === undefined ? {} : { owner: { kind, name: 'owner' } });
    const outcome = await runAction(terminate, { ports: kube.ports, parameters });
    expect(outcome.kind).toBe('unchanged');
    expect(outcome.kind === 'unchanged' && outcome.reason).toContain(why);
    expect(kube.at(alpine)).toBeDefined();
    kube.drop(alpine);
    putAlpine(kube, { owner: { kind: 'ReplicaSet', name: 'web-1' } });
    expect((await runAction(terminate, { ports: kube.ports, parameters })).kind).toBe('done');
  });

  test.each([
    ['2', 2, 3, 'done'],
    ['2', 1, 3, 'unchanged'],
    ['33%', 1, 3, 'done'],
    ['34%', 1, 3, 'unchanged'],
    ['100%', 3, 3, 'done'],
    ['0', 0, 3, 'done'],
  ])('with `min_healthy_replicas` %s and %i of %i ready: %s', async (least, readyCount, count, kind) => {
    ready(readyCount, count);
    putAlpine(kube, { owner: { kind: 'ReplicaSet', name: 'web-1' } });
    const parameters = { min_healthy_replicas: least };
    expect((await runAction(terminate, { ports: kube.ports, parameters })).kind).toBe(kind);
  });

  test.each(['101%', '-1', 'many'])('`min_healthy_replicas` %s is refused', (least) => {
    expect(() => parametersOf(terminate, { min_healthy_replicas: least })).toThrow('min_healthy_replicas');
  });
});

test.each([
  ['a path', { 'k8s.ns.name': 'default', 'k8s.pod.name': '../../nodes/worker-1' }],
  ['another namespace', { 'k8s.ns.name': 'kube-system/pods/dns?', 'k8s.pod.name': 'alpine' }],
  ['dots', { 'k8s.ns.name': 'default', 'k8s.pod.name': '..' }],
  ['capitals', { 'k8s.ns.name': 'default', 'k8s.pod.name': 'Alpine' }],
  ['no pod', { 'k8s.ns.name': 'default' }],
  ['no namespace', { 'k8s.pod.name': 'alpine' }],
  [
    'a name of another kind',
    { 'ka.target.namespace': 'default', 'ka.target.name': 'alpine', 'ka.target.resource': 'secrets' },
  ],
])('with %s nothing is asked', async (_, fields) => {
  expect((await runAction(terminate, { ports: kube.ports, alert: alertOf({ fields }) })).kind).toBe(
    'refused',
  );
  expect(kube.calls).toEqual([]);
});

test('an alert of the audit log names the pod, too', async () => {
  putAlpine(kube);
  const fields = {
    'ka.target.namespace': 'default',
    'ka.target.name': 'alpine',
    'ka.target.resource': 'pods',
  };
  const outcome = await runAction(terminate, { ports: kube.ports, alert: alertOf({ fields }) });
  expect(outcome.kind).toBe('done');
});
