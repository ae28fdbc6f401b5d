/** The stand-in's objects: what is made, changed, listed and deleted, as the official client sees it. */

import {
  CoordinationV1Api,
  CustomObjectsApi,
  NetworkingV1Api,
  PatchStrategy,
  setHeaderOptions,
  V1MicroTime,
} from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cluster, clusterObstacle, openCluster } from './kube/cluster.ts';
import { textAt } from './kube/document.ts';
import { clientConfig, coreClient, failureOf, podNamed, runPod } from './kube/official-client.ts';
import { until } from './program.ts';

const obstacle = clusterObstacle();
const title =
  obstacle === undefined ? 'objects of the stand-in' : `objects of the stand-in (skipped: ${obstacle})`;

describe.skipIf(obstacle !== undefined)(title, () => {
  let cluster: Cluster;
  let letGo: () => void = () => {};

  beforeAll(async () => {
    cluster = await openCluster({
      nodes: ['n1', 'n2'],
      stop: ({ pod }) =>
        pod === 'stubborn' ? new Promise((resolve) => (letGo = resolve)) : Promise.resolve(),
    });
  });
  afterAll(() => cluster?.close());

  const phaseOf = (name: string): string => textAt(cluster.get('pods', 'default', name), 'status', 'phase');

  test('a pod is created, runs, is changed and goes', async () => {
    await runPod(cluster, 'web');
    const pod = await coreClient(cluster).readNamespacedPod({ namespace: 'default', name: 'web' });
    expect(pod.spec?.nodeName).toMatch(/^n[12]$/);
    expect(pod.status?.containerStatuses?.[0]).toMatchObject({ name: 'main', ready: true });
    const patched = await coreClient(cluster).patchNamespacedPod(
      { namespace: 'default', name: 'web', body: { metadata: { labels: { seen: 'yes' } } } },
      setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch),
    );
    expect(patched.metadata?.labels).toEqual({ app: 'shop', seen: 'yes' });
    const listed = await coreClient(cluster).listNamespacedPod({
      namespace: 'default',
      labelSelector: 'seen in (yes)',
    });
    expect(listed.items.map(({ metadata }) => metadata?.name)).toEqual(['web']);
    const none = await coreClient(cluster).listPodForAllNamespaces({
      fieldSelector: 'status.phase!=Running',
    });
    expect(none.items).toEqual([]);
    await coreClient(cluster).deleteNamespacedPod({ namespace: 'default', name: 'web' });
    await until('it is gone', () => cluster.get('pods', 'default', 'web') === undefined);
  });

  test('JSON patches and merge patches do what they say, and refuse what they cannot', async () => {
    await runPod(cluster, 'patched');
    const api = coreClient(cluster);
    const patch = (body: object, type: string) =>
      api.patchNamespacedPod(
        { namespace: 'default', name: 'patched', body },
        setHeaderOptions('Content-Type', type),
      );
    const added = await patch(
      [{ op: 'add', path: '/metadata/annotations', value: { 'a/b': '1' } }],
      PatchStrategy.JsonPatch,
    );
    expect(added.metadata?.annotations).toEqual({ 'a/b': '1' });
    const merged = await patch(
      { metadata: { annotations: { 'a/b': null, c: '2' } } },
      PatchStrategy.MergePatch,
    );
    expect(merged.metadata?.annotations).toEqual({ c: '2' });
    const absent = [{ op: 'remove', path: '/metadata/labels/none' }];
    expect((await failureOf(patch(absent, PatchStrategy.JsonPatch))).code).toBe(422);
    const bad = await failureOf(patch({ metadata: { labels: { app: 'a b' } } }, PatchStrategy.MergePatch));
    expect(bad).toMatchObject({
      code: 422,
      status: { reason: 'Invalid', details: { kind: 'Pod', causes: [{ field: 'metadata.labels' }] } },
    });
    const forbidden = { spec: { containers: [{ name: 'main', command: ['x'] }] } };
    const refused = await failureOf(patch(forbidden, PatchStrategy.StrategicMergePatch));
    expect(refused.status.message).toContain('spec: Forbidden: pod updates may not change fields other than');
  });

  test('what is tried with dryRun changes nothing', async () => {
    const api = coreClient(cluster);
    await api.createNamespacedPod({ namespace: 'default', body: podNamed('tried'), dryRun: 'All' });
    expect(cluster.get('pods', 'default', 'tried')).toBeUndefined();
    await runPod(cluster, 'kept');
    await api.deleteNamespacedPod({ namespace: 'default', name: 'kept', dryRun: 'All' });
    expect(textAt(cluster.get('pods', 'default', 'kept'), 'metadata', 'deletionTimestamp')).toBe('');
  });

  test('a deletion takes its time, holds a uid to its word, and is hurried by no grace', async () => {
    await runPod(cluster, 'stubborn');
    const api = coreClient(cluster);
    const other = api.deleteNamespacedPod({
      namespace: 'default',
      name: 'stubborn',
      body: { preconditions: { uid: 'other' } },
    });
    expect(await failureOf(other)).toMatchObject({ code: 409, status: { reason: 'Conflict' } });
    const marked = await api.deleteNamespacedPod({
      namespace: 'default',
      name: 'stubborn',
      gracePeriodSeconds: 9,
    });
    expect(marked.metadata).toMatchObject({
      deletionGracePeriodSeconds: 9,
      deletionTimestamp: expect.any(Date),
    });
    expect(phaseOf('stubborn')).toBe('Running');
    await api.deleteNamespacedPod({ namespace: 'default', name: 'stubborn', gracePeriodSeconds: 0 });
    expect(cluster.get('pods', 'default', 'stubborn')).toBeUndefined();
    letGo();
    const missing = await failureOf(api.readNamespacedPod({ namespace: 'default', name: 'stubborn' }));
    expect(missing).toMatchObject({
      code: 404,
      status: {
        kind: 'Status',
        status: 'Failure',
        reason: 'NotFound',
        message: 'pods "stubborn" not found',
        details: { name: 'stubborn', kind: 'pods' },
      },
    });
  });

  test('a deletion that is asked for once more ends sooner, though nothing in the pod does', async () => {
    await runPod(cluster, 'stubborn');
    for (const gracePeriodSeconds of [3_600, 1]) {
      await coreClient(cluster).deleteNamespacedPod({
        namespace: 'default',
        name: 'stubborn',
        gracePeriodSeconds,
      });
    }
    await until('it is gone', () => cluster.get('pods', 'default', 'stubborn') === undefined);
    letGo();
  });

  test('a lease goes to one of two who want it', async () => {
    const api = clientConfig(cluster).makeApiClient(CoordinationV1Api);
    const namespace = 'default';
    const spec = { holderIdentity: 'a', leaseDurationSeconds: 15, renewTime: new V1MicroTime() };
    const made = await api.createNamespacedLease({ namespace, body: { metadata: { name: 'leader' }, spec } });
    const twice = api.createNamespacedLease({ namespace, body: { metadata: { name: 'leader' }, spec } });
    expect(await failureOf(twice)).toMatchObject({ code: 409, status: { reason: 'AlreadyExists' } });
    const taken = { ...made, spec: { ...spec, holderIdentity: 'b' } };
    await api.replaceNamespacedLease({ namespace, name: 'leader', body: taken });
    const late = api.replaceNamespacedLease({ namespace, name: 'leader', body: made });
    expect(await failureOf(late)).toMatchObject({ code: 409, status: { reason: 'Conflict' } });
    const left = await api.readNamespacedLease({ namespace, name: 'leader' });
    expect(left.spec?.holderIdentity).toBe('b');
  });

  test('lists come in pages', async () => {
    const api = coreClient(cluster);
    for (const name of ['a', 'b', 'c']) {
      const body = { metadata: { name, labels: { page: 'yes' } } };
      await api.createNamespacedConfigMap({ namespace: 'default', body });
    }
    const first = await api.listNamespacedConfigMap({
      namespace: 'default',
      labelSelector: 'page',
      limit: 2,
    });
    expect(first.metadata?.remainingItemCount).toBe(1);
    const rest = await api.listNamespacedConfigMap({
      namespace: 'default',
      labelSelector: 'page',
      limit: 2,
      _continue: first.metadata?._continue ?? '',
    });
    expect([...first.items, ...rest.items].map(({ metadata }) => metadata?.name)).toEqual(['a', 'b', 'c']);
  });

  test('policies of Kubernetes, Calico and Cilium are kept', async () => {
    const policies = clientConfig(cluster).makeApiClient(NetworkingV1Api);
    const body = { metadata: { name: 'deny' }, spec: { podSelector: {}, policyTypes: ['Ingress'] } };
    await policies.createNamespacedNetworkPolicy({ namespace: 'default', body });
    const api = clientConfig(cluster).makeApiClient(CustomObjectsApi);
    for (const [group, version, plural, kind] of [
      ['crd.projectcalico.org', 'v1', 'networkpolicies', 'NetworkPolicy'],
      ['projectcalico.org', 'v3', 'networkpolicies', 'NetworkPolicy'],
      ['cilium.io', 'v2', 'ciliumnetworkpolicies', 'CiliumNetworkPolicy'],
    ] as const) {
      const place = { group, version, namespace: 'default', plural };
      const custom = { apiVersion: `${group}/${version}`, kind, metadata: { name: 'deny' }, spec: { x: 1 } };
      await api.createNamespacedCustomObject({ ...place, body: custom });
      expect(await api.getNamespacedCustomObject({ ...place, name: 'deny' })).toMatchObject({
        kind,
        spec: { x: 1 },
      });
    }
  });
});
