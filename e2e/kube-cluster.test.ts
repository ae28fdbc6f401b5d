/** What a cluster does by itself, whom it lets do what, and how it misbehaves when it is told to. */

import { PassThrough } from 'node:stream';
import {
  AppsV1Api,
  CoreV1Api,
  Exec,
  KubeConfig,
  PatchStrategy,
  setHeaderOptions,
} from '@kubernetes/client-node';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Cluster, clusterObstacle, openCluster } from './kube/cluster.ts';
import { type JsonDocument, textAt } from './kube/document.ts';
import { clientConfig, coreClient, failureOf, podNamed, runPod } from './kube/official-client.ts';
import { until } from './program.ts';

const obstacle = clusterObstacle();
const title =
  obstacle === undefined
    ? 'a cluster that is stood in for'
    : `a cluster that is stood in for (skipped: ${obstacle})`;

describe.skipIf(obstacle !== undefined)(title, () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await openCluster({ nodes: ['n1', 'n2'] });
  });
  afterAll(() => cluster?.close());
  beforeEach(() => cluster.behave());

  test('a deployment keeps its pods, is scaled and restarted', async () => {
    const api = clientConfig(cluster).makeApiClient(AppsV1Api);
    const place = { namespace: 'default', name: 'shop' };
    const template = {
      metadata: { labels: { app: 'replicated' } },
      spec: podNamed('x').spec ?? { containers: [] },
    };
    await api.createNamespacedDeployment({
      namespace: 'default',
      body: {
        metadata: { name: 'shop' },
        spec: { replicas: 2, selector: { matchLabels: { app: 'replicated' } }, template },
      },
    });
    const names = (): readonly string[] =>
      cluster
        .list('pods')
        .filter((pod) => textAt(pod, 'metadata', 'labels', 'app') === 'replicated')
        .map((pod) => textAt(pod, 'metadata', 'name'));
    const ready = (): string =>
      textAt(cluster.get('deployments', 'default', 'shop'), 'status', 'readyReplicas');
    await until('both are ready', () => ready() === '2');
    const [first = ''] = names();
    await coreClient(cluster).deleteNamespacedPod({ namespace: 'default', name: first });
    await until(
      'another is there',
      () => names().length === 2 && !names().includes(first) && ready() === '2',
    );
    const scale = await api.readNamespacedDeploymentScale(place);
    await api.replaceNamespacedDeploymentScale({ ...place, body: { ...scale, spec: { replicas: 1 } } });
    await until('one is left', () => names().length === 1);
    const before = names();
    const restarted = { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': 'now' } } };
    await api.patchNamespacedDeployment(
      { ...place, body: { spec: { template: restarted } } },
      setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch),
    );
    await until('it is another one', () => names().length === 1 && names()[0] !== before[0]);
    await api.deleteNamespacedDeployment(place);
    await until('all is gone', () => names().length === 0 && cluster.list('replicasets').length === 0);
  });

  test('a pod waits for a node that takes it', async () => {
    const node = (name: string, spec: JsonDocument): void =>
      cluster.put({ apiVersion: 'v1', kind: 'Node', metadata: { name }, spec });
    node('n1', { unschedulable: true });
    node('n2', { taints: [{ key: 'only', value: 'some', effect: 'NoSchedule' }] });
    const stateOf = (name: string) => cluster.get('pods', 'default', name);
    await coreClient(cluster).createNamespacedPod({ namespace: 'default', body: podNamed('waits') });
    await until(
      'it is told why',
      () => textAt(stateOf('waits'), 'status', 'conditions', 0, 'reason') === 'Unschedulable',
    );
    const tolerations = [{ key: 'only', operator: 'Exists' }];
    const body = { ...podNamed('some'), spec: { containers: [], ...podNamed('some').spec, tolerations } };
    await coreClient(cluster).createNamespacedPod({ namespace: 'default', body });
    await until('it has a node', () => textAt(stateOf('some'), 'spec', 'nodeName') === 'n2');
    expect(textAt(stateOf('waits'), 'status', 'phase')).toBe('Pending');
    node('n1', {});
    await until('it runs', () => textAt(stateOf('waits'), 'status', 'phase') === 'Running');
    node('n2', {});
  });

  test('a budget forbids an eviction', async () => {
    await runPod(cluster, 'guarded');
    const evict = () =>
      coreClient(cluster).createNamespacedPodEviction({
        namespace: 'default',
        name: 'guarded',
        body: { metadata: { name: 'guarded', namespace: 'default' } },
      });
    cluster.put({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'all' },
      spec: { maxUnavailable: 0, selector: {} },
    });
    expect(await failureOf(evict())).toMatchObject({
      code: 429,
      status: { reason: 'TooManyRequests', details: { causes: [{ reason: 'DisruptionBudget' }] } },
    });
    cluster.put({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'all' },
      spec: { minAvailable: 0, selector: {} },
    });
    await evict();
    await until('it is gone', () => cluster.get('pods', 'default', 'guarded') === undefined);
  });

  test('who may not is told so, until a role says otherwise', async () => {
    await runPod(cluster, 'secret');
    const remove = () =>
      coreClient(cluster, 'eve').deleteNamespacedPod({ namespace: 'default', name: 'secret' });
    expect(await failureOf(remove())).toMatchObject({
      code: 403,
      status: {
        reason: 'Forbidden',
        message:
          'pods "secret" is forbidden: User "eve" cannot delete resource "pods" in API group "" in the namespace "default"',
        details: { name: 'secret', kind: 'pods' },
      },
    });
    const apiGroup = 'rbac.authorization.k8s.io';
    cluster.put(
      {
        apiVersion: `${apiGroup}/v1`,
        kind: 'Role',
        metadata: { name: 'deleter' },
        rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['delete'], resourceNames: ['secret'] }],
      },
      {
        apiVersion: `${apiGroup}/v1`,
        kind: 'RoleBinding',
        metadata: { name: 'eve' },
        roleRef: { apiGroup, kind: 'Role', name: 'deleter' },
        subjects: [{ kind: 'User', name: 'eve', apiGroup }],
      },
    );
    const other = coreClient(cluster, 'eve').deleteNamespacedPod({ namespace: 'default', name: 'another' });
    expect((await failureOf(other)).code).toBe(403);
    await remove();
    const everywhere = await failureOf(coreClient(cluster, 'eve').listPodForAllNamespaces());
    expect(everywhere.status.message).toBe(
      'pods is forbidden: User "eve" cannot list resource "pods" in API group "" at the cluster scope',
    );
  });

  test('a command needs the right to create, and over WebSockets that to get as well', async () => {
    await runPod(cluster, 'shell');
    const apiGroup = 'rbac.authorization.k8s.io';
    const allow = (...verbs: readonly string[]): void =>
      cluster.put({
        apiVersion: `${apiGroup}/v1`,
        kind: 'ClusterRole',
        metadata: { name: 'commander' },
        rules: [{ apiGroups: [''], resources: ['pods/exec'], verbs }],
      });
    cluster.put({
      apiVersion: `${apiGroup}/v1`,
      kind: 'RoleBinding',
      metadata: { name: 'carol' },
      roleRef: { apiGroup, kind: 'ClusterRole', name: 'commander' },
      subjects: [{ kind: 'Group', name: 'operators', apiGroup }],
    });
    cluster.tokenFor('carol', ['operators']);
    const exec = async (): Promise<number | undefined> => {
      const command = new Exec(clientConfig(cluster, 'carol'));
      await command
        .exec('default', 'shell', 'main', 'x', new PassThrough(), null, null, false)
        .catch(() => undefined);
      return cluster.requests.at(-1)?.code;
    };
    allow('get');
    expect(await exec()).toBe(403);
    allow('create');
    expect(await exec()).toBe(403);
    allow('create', 'get');
    expect(await exec()).toBe(101);
  });

  test('a service account has its files, and is who it is', async () => {
    const { root, environment } = cluster.serviceAccountFolder('default', 'responder');
    const config = new KubeConfig();
    Object.assign(process.env, environment);
    config.loadFromCluster(root);
    for (const key of Object.keys(environment)) delete process.env[key];
    const failure = await failureOf(
      config.makeApiClient(CoreV1Api).listNamespacedPod({ namespace: 'default' }),
    );
    expect(failure.status.message).toContain('User "system:serviceaccount:default:responder" cannot list');
  });

  test('it misbehaves as it is told, as often as it is told', async () => {
    const api = coreClient(cluster);
    const read = () => api.readNamespacedServiceAccount({ namespace: 'default', name: 'default' });
    cluster.misbehave(
      { kind: 'answer', code: 429, retryAfterS: 2 },
      { resource: 'serviceaccounts', verb: 'get' },
      2,
    );
    for (const _ of [1, 2]) {
      await expect(read()).rejects.toMatchObject({ code: 429, headers: { 'retry-after': '2' } });
    }
    await read();
    cluster.misbehave({ kind: 'answer', code: 500 });
    expect((await failureOf(read())).status.reason).toBe('InternalError');
    cluster.misbehave({ kind: 'drop' }, { verb: 'create' });
    const body = { metadata: { name: 'dropped' } };
    await expect(api.createNamespacedConfigMap({ namespace: 'default', body })).rejects.toThrow();
    expect(cluster.get('configmaps', 'default', 'dropped')).toBeDefined();
    expect(cluster.requests.at(-1)).toMatchObject({
      user: 'admin',
      verb: 'create',
      resource: 'configmaps',
      namespace: 'default',
      code: 0,
      body: { metadata: { name: 'dropped' } },
    });
  });

  test('services are reached by the proxy', async () => {
    cluster.put({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'fn' },
      spec: { ports: [{ port: 8080 }] },
    });
    cluster.serve('default', 'fn', ({ method, path, body }) => ({
      status: 201,
      body: JSON.stringify(`${method} ${path} ${body}`),
    }));
    const response = await coreClient(cluster).connectPostNamespacedServiceProxyWithPath({
      namespace: 'default',
      name: 'fn:8080',
      path: 'run',
    });
    expect(response).toContain('POST /run');
  });
});
