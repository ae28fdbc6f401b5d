import { beforeEach, describe, expect, test } from 'vitest';
import { alertOf } from '../../testing/alert-of.ts';
import { FakeKube, failure, forbidden } from '../../testing/fake-kube.ts';
import { alpine, podOf, putAlpine, worker } from '../../testing/pods-of.ts';
import { type RunResult, runAction, undoOf } from '../../testing/run-action.ts';
import { cordon } from './cordon.ts';
import { deleteObject } from './delete.ts';
import { drain } from './drain.ts';
import { evict } from './evict.ts';
import * as kinds from './kinds.ts';
import type { ObjectPlace } from './kube-port.ts';
import { objectMeta, specOf } from './object-view.ts';
import { restart } from './restart.ts';
import { scale } from './scale.ts';
import { uncordon } from './uncordon.ts';
import { templateOf } from './workload-of.ts';

let kube: FakeKube;
beforeEach(() => {
  kube = new FakeKube();
});

const web: ObjectPlace = { kind: kinds.deployments, namespace: 'default', name: 'web' };
const isCordoned = (): unknown => specOf(kube.at(worker) ?? {}).unschedulable;

describe('kubernetes:cordon', () => {
  beforeEach(() => {
    putAlpine(kube);
  });

  test('the node takes no new pods, and takes them again when it is undone', async () => {
    const outcome = await runAction(cordon, { ports: kube.ports });
    expect(outcome).toMatchObject({ kind: 'done', summary: 'node worker-1 takes no new pods' });
    expect(isCordoned()).toBe(true);
    expect(await undoOf(cordon, outcome, kube.ports)).toMatchObject({ kind: 'done' });
    expect(isCordoned()).toBeUndefined();
    expect(objectMeta(kube.at(worker) ?? {}).annotations).toEqual({});
  });

  test('one that somebody else cordoned stays so', async () => {
    kube.change(worker, { spec: { unschedulable: true } });
    expect(await runAction(cordon, { ports: kube.ports })).toMatchObject({ kind: 'unchanged' });
  });

  test('one that somebody else cordoned meanwhile stays so', async () => {
    const outcome = await runAction(cordon, { ports: kube.ports });
    kube.change(worker, { metadata: { annotations: { 'peregrine/cordoned-by': 'another-run' } } });
    expect(await undoOf(cordon, outcome, kube.ports)).toMatchObject({ kind: 'unchanged' });
    expect(isCordoned()).toBe(true);
  });

  test('one that somebody uncordoned meanwhile is left alone', async () => {
    const outcome = await runAction(cordon, { ports: kube.ports });
    kube.change(worker, { spec: { unschedulable: null } });
    expect(await undoOf(cordon, outcome, kube.ports)).toMatchObject({ kind: 'unchanged' });
  });

  test('after an attempt that nobody knows of, what to take back is still known', async () => {
    await runAction(cordon, { ports: kube.ports });
    expect(await runAction(cordon, { ports: kube.ports })).toMatchObject({ kind: 'done', undo: {} });
  });

  test('`kubernetes:uncordon` lets it take pods whoever cordoned it', async () => {
    kube.change(worker, { spec: { unschedulable: true } });
    expect((await runAction(uncordon, { ports: kube.ports })).kind).toBe('done');
    expect(isCordoned()).toBeUndefined();
    expect((await runAction(uncordon, { ports: kube.ports })).kind).toBe('unchanged');
  });

  test('a pod that waits for a node tells none', async () => {
    kube.change(alpine, { spec: { nodeName: null } });
    expect(await runAction(cordon, { ports: kube.ports })).toMatchObject({ kind: 'refused' });
  });
});

describe('kubernetes:drain', () => {
  const run = (parameters: unknown = {}): Promise<RunResult> =>
    runAction(drain, { ports: kube.ports, parameters });
  const evicted = (): readonly string[] =>
    kube.calls
      .filter((call) => call.startsWith('create eviction'))
      .map((call) => call.replace('create eviction of pod ', ''));

  beforeEach(() => {
    putAlpine(kube);
    kube.put(kinds.pods, podOf('daemon', { owner: { kind: 'DaemonSet', name: 'd' } }));
    kube.put(kinds.pods, podOf('db', { namespace: 'shop', owner: { kind: 'StatefulSet', name: 's' } }));
    kube.put(kinds.pods, podOf('web', { namespace: 'shop', owner: { kind: 'ReplicaSet', name: 'web-1' } }));
    kube.put(kinds.pods, podOf('far', { node: 'worker-2' }));
    kube.put(kinds.pods, podOf('mirror', { annotations: { 'kubernetes.io/config.mirror': 'x' } }));
    kube.put(kinds.pods, { ...podOf('over'), status: { phase: 'Succeeded' } });
  });

  test('all pods of the node but those of the kubelet, and the node is cordoned first', async () => {
    const outcome = await run();
    expect(outcome).toMatchObject({ kind: 'done', results: { evicted: 4, left: 0, ignored: 0 } });
    expect([...evicted()].sort()).toEqual([...['default/alpine', 'default/daemon', 'shop/db', 'shop/web']]);
    const order = kube.calls.filter((call) => call.startsWith('patch') || call.startsWith('create eviction'));
    expect(order[0]).toBe('patch node worker-1');
    await undoOf(drain, outcome, kube.ports);
    expect(isCordoned()).toBeUndefined();
  });

  test('what the parameters leave alone stays', async () => {
    const parameters = {
      ...{ ignore_daemonsets: true, ignore_statefulsets: true, ignore_standalone_pods: true },
      excluded_namespaces: ['nowhere'],
    };
    expect(await run(parameters)).toMatchObject({ results: { evicted: 1, ignored: 3 } });
    expect(evicted()).toEqual(['shop/web']);
  });

  test('namespaces may be left out', async () => {
    expect(await run({ excluded_namespaces: ['shop'] })).toMatchObject({
      results: { evicted: 2, ignored: 2 },
    });
  });

  test('a budget that forbids an eviction is waited for', async () => {
    let asked = 0;
    kube.onSubresource = (name, at) => {
      if (name === 'eviction' && at === 'pod shop/web' && asked++ === 0)
        throw failure(429, 'TooManyRequests', 'Cannot evict pod as it would violate the budget');
      return undefined;
    };
    expect(await run({ max_wait_period: '6s' })).toMatchObject({
      kind: 'done',
      results: { evicted: 4, left: 0 },
    });
    expect(asked).toBe(2);
  });

  test('without waiting, what is left is named, and it is tried again', async () => {
    kube.failNext('create eviction of pod shop/web', failure(429, 'TooManyRequests'));
    expect(await run()).toMatchObject({
      kind: 'retry',
      reason: expect.stringContaining('left: pod shop/web (a disruption budget forbids it now)'),
    });
    expect(isCordoned()).toBe(true);
    putAlpine(kube);
    expect(await run()).toMatchObject({ kind: 'done', undo: {} });
  });

  test('with `ignore_errors`, what is left is left', async () => {
    kube.failNext('create eviction of pod shop/web', failure(500, 'InternalError', 'no webhook'));
    expect(await run({ ignore_errors: true })).toMatchObject({
      kind: 'done',
      results: { evicted: 3, left: 1 },
    });
  });

  test('where RBAC forbids evictions, the node is not left cordoned', async () => {
    kube.failNext(
      'create eviction of',
      ...Array.from({ length: 4 }, () => forbidden('create', 'pods/eviction')),
    );
    expect(await run()).toMatchObject({ kind: 'refused' });
    expect(isCordoned()).toBeUndefined();
  });

  test('pods that take their time are waited for, where the rule says so', async () => {
    kube.onSubresource = (name, at) =>
      name === 'eviction' && at === 'pod shop/db' ? { kind: 'Status' } : undefined;
    expect(await run({ max_wait_period: 1 })).toMatchObject({
      kind: 'retry',
      reason: expect.stringContaining('pod shop/db (it is still ending)'),
    });
    kube.put(kinds.pods, podOf('alpine'));
    const dry = { ports: kube.dryPorts, isDryRun: true, parameters: { max_wait_period: 1 } };
    expect(await runAction(drain, dry)).toMatchObject({ kind: 'done' });
    const parameters = { max_wait_period: 1, wait_period_excluded_namespaces: ['shop'] };
    expect(await run(parameters)).toMatchObject({ kind: 'done' });
  });
});

describe('kubernetes:evict', () => {
  test('the pod goes, and only if it is that one', async () => {
    const { uid } = objectMeta(putAlpine(kube));
    const parameters = { grace_period_seconds: 3 };
    expect(await runAction(evict, { ports: kube.ports, parameters })).toMatchObject({ kind: 'done' });
    expect(kube.asked.at(-1)?.body).toMatchObject({
      kind: 'Eviction',
      deleteOptions: { preconditions: { uid }, gracePeriodSeconds: 3 },
    });
    expect(kube.at(alpine)).toBeUndefined();
  });

  test('a budget that forbids it is waited for', async () => {
    putAlpine(kube);
    kube.failNext('create eviction of', failure(429, 'TooManyRequests', 'budget', 10_000));
    expect(await runAction(evict, { ports: kube.ports })).toMatchObject({ kind: 'retry', afterMs: 10_000 });
  });
});

describe('workloads', () => {
  beforeEach(() => {
    putAlpine(kube, { owner: { kind: 'ReplicaSet', name: 'web-1' } });
    const ownerReferences = [
      { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'u', controller: true },
    ];
    kube.put(kinds.replicaSets, {
      metadata: { name: 'web-1', namespace: 'default', ownerReferences },
      spec: { replicas: 3 },
    });
    kube.put(kinds.deployments, { metadata: { name: 'web', namespace: 'default' }, spec: { replicas: 3 } });
  });
  const replicas = (): unknown => specOf(kube.at(web) ?? {}).replicas;

  test('the Deployment has as many pods as the rule says, and as before when it is undone', async () => {
    const outcome = await runAction(scale, { ports: kube.ports });
    expect(outcome).toMatchObject({ kind: 'done', changes: [{ before: '3', after: '0' }] });
    expect(replicas()).toBe(0);
    expect(await runAction(scale, { ports: kube.ports })).toMatchObject({ kind: 'unchanged' });
    expect(await undoOf(scale, outcome, kube.ports)).toMatchObject({ kind: 'done' });
    expect(replicas()).toBe(3);
  });

  test('a number that somebody changed meanwhile stays', async () => {
    const outcome = await runAction(scale, { ports: kube.ports, parameters: { replicas: 1 } });
    kube.change(web, { spec: { replicas: 5 } });
    expect(await undoOf(scale, outcome, kube.ports)).toMatchObject({
      kind: 'unchanged',
      reason: expect.stringContaining('5 replicas meanwhile'),
    });
    expect(replicas()).toBe(5);
  });

  test('who is faster is not overwritten', async () => {
    kube.failNext('patch scale of', failure(409, 'Conflict'));
    expect((await runAction(scale, { ports: kube.ports })).kind).toBe('done');
  });

  test('the Deployment is restarted once for each run', async () => {
    expect(await runAction(restart, { ports: kube.ports })).toMatchObject({
      kind: 'done',
      summary: 'restarted deployment default/web',
    });
    expect(templateOf(kube.at(web) ?? {})).toMatchObject({
      annotations: { 'kubectl.kubernetes.io/restartedAt': expect.stringMatching(/^\d{4}-.*Z$/) },
    });
    expect(await runAction(restart, { ports: kube.ports })).toMatchObject({ kind: 'unchanged' });
  });

  test.each([
    [undefined, 'is a pod by itself'],
    [{ kind: 'Job', name: 'j', apiVersion: 'batch/v1' }, 'belongs to a Job'],
    [{ kind: 'StatefulSet', name: 's', apiVersion: 'apps.kruise.io/v1beta1' }, 'belongs to a StatefulSet'],
  ])('a pod of %j has none that is known', async (owner, why) => {
    kube.drop(alpine);
    putAlpine(kube, owner === undefined ? {} : { owner });
    for (const action of [scale, restart])
      expect(await runAction(action, { ports: kube.ports })).toMatchObject({
        kind: 'refused',
        reason: expect.stringContaining(why),
      });
  });
});

describe('kubernetes:delete', () => {
  const alertAbout = (fields: Readonly<Record<string, string>>): ReturnType<typeof alertOf> =>
    alertOf({
      fields: Object.fromEntries(Object.entries(fields).map(([key, value]) => [`ka.target.${key}`, value])),
    });

  test.each([
    [kinds.configMaps, 'keys', 'shop'],
    [kinds.serviceAccounts, 'robot', 'shop'],
    [kinds.namespaces, 'shop', ''],
    [kinds.clusterRoles, 'system:evil', ''],
    [kinds.deployments, 'web', 'shop'],
  ])('$kind', async (kind, name, namespace) => {
    const { uid } = objectMeta(kube.put(kind, { metadata: { name, namespace } }));
    const alert = alertAbout({ resource: kind.resource, name, namespace: namespace || name });
    expect(await runAction(deleteObject, { ports: kube.ports, alert })).toMatchObject({ kind: 'done' });
    expect(kube.asked.at(-1)).toMatchObject({ verb: 'delete', body: { uid } });
  });

  test('what protects a namespace protects it from its own deletion', () => {
    const found = deleteObject.target.find(alertAbout({ resource: 'namespaces', name: 'kube-system' }), {});
    expect(found.kind === 'found' && deleteObject.target.factsOf(found.target)).toEqual({
      namespace: 'kube-system',
    });
  });

  test.each([
    [{ resource: 'nodes', name: 'worker-1' }, 'left alone'],
    [{ resource: 'secrets', name: '../x', namespace: 'shop' }, 'no name'],
    [{ resource: 'clusterroles', name: '..' }, 'no name'],
    [{ resource: 'secrets', name: 'x' }, 'no namespace'],
    [{ resource: 'secrets' }, 'names no object'],
  ])('%j is refused', async (fields, why) => {
    const outcome = await runAction(deleteObject, { ports: kube.ports, alert: alertAbout(fields) });
    expect(outcome).toMatchObject({ kind: 'refused', reason: expect.stringContaining(why) });
    expect(kube.calls).toEqual([]);
  });

  test('pods only where the rule says so', async () => {
    putAlpine(kube);
    const alert = alertAbout({ resource: 'pods', name: 'alpine', namespace: 'default', subresource: 'exec' });
    expect(await runAction(deleteObject, { ports: kube.ports, alert })).toMatchObject({ kind: 'unchanged' });
    const parameters = { resources: ['pods'] };
    expect(await runAction(deleteObject, { ports: kube.ports, alert, parameters })).toMatchObject({
      kind: 'done',
      results: { subresource: 'exec' },
    });
  });

  test('another object of that name is left alone', async () => {
    kube.put(kinds.secrets, { metadata: { name: 'keys', namespace: 'shop' } });
    kube.failNext(
      'delete',
      failure(409, 'Conflict', 'Precondition failed: UID in precondition: u1, UID in object meta: u2'),
    );
    const alert = alertAbout({ resource: 'secrets', name: 'keys', namespace: 'shop' });
    expect(await runAction(deleteObject, { ports: kube.ports, alert })).toMatchObject({ kind: 'unchanged' });
  });
});
