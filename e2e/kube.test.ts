/** The stand-in for a cluster, as the official client sees it. */

import { PassThrough } from 'node:stream';
import {
  ApiException,
  AppsV1Api,
  CoordinationV1Api,
  CoreV1Api,
  CustomObjectsApi,
  Exec,
  KubeConfig,
  Log,
  NetworkingV1Api,
  PatchStrategy,
  setHeaderOptions,
  V1MicroTime,
  type V1Pod,
  type V1Status,
  Watch,
} from '@kubernetes/client-node';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openHttpReceiver } from '../packages/outputs/testing/http-receiver.ts';
import { type Cluster, clusterObstacle, type ExecCall, openCluster } from './kube/cluster.ts';
import { textAt } from './kube/document.ts';
import { until } from './program.ts';

const obstacle = clusterObstacle();
const title = obstacle === undefined ? 'the official client' : `the official client (skipped: ${obstacle})`;

/** Echoes its input, or says what it was asked. */
async function command(call: ExecCall): Promise<number> {
  if (call.command[0] === 'cat') {
    for await (const chunk of call.stdin) call.stdout.write(chunk);
    return 0;
  }
  call.stdout.write(call.command.join(' '));
  call.stderr.write('a warning');
  return call.command[0] === 'fail' ? 7 : 0;
}

describe.skipIf(obstacle !== undefined)(title, () => {
  let cluster: Cluster;
  let letGo: () => void = () => {};

  beforeAll(async () => {
    cluster = await openCluster({
      nodes: ['n1', 'n2'],
      exec: command,
      log: () => 'one\ntwo\nthree',
      stop: ({ pod }) =>
        pod === 'stubborn' ? new Promise((resolve) => (letGo = resolve)) : Promise.resolve(),
    });
  });
  afterAll(() => cluster?.close());
  beforeEach(() => cluster.behave());

  function configOf(user: string): KubeConfig {
    const config = new KubeConfig();
    config.loadFromString(cluster.kubeconfigFor(user).text);
    return config;
  }

  const core = (user = 'admin'): CoreV1Api => configOf(user).makeApiClient(CoreV1Api);
  const phaseOf = (name: string): string => textAt(cluster.get('pods', 'default', name), 'status', 'phase');

  function podNamed(name: string): V1Pod {
    const spec = { containers: [{ name: 'main', image: 'alpine', env: [{ name: 'A', value: '1' }] }] };
    return { metadata: { name, labels: { app: 'shop' } }, spec };
  }

  async function runPod(name: string): Promise<void> {
    await core().createNamespacedPod({ namespace: 'default', body: podNamed(name) });
    await until('it runs', () => phaseOf(name) === 'Running');
  }

  async function failureOf(
    call: Promise<unknown>,
  ): Promise<{ readonly code: number; readonly status: V1Status }> {
    const failure = await call.then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!(failure instanceof ApiException)) throw new Error(`did not fail: ${failure}`);
    return { code: failure.code, status: JSON.parse(failure.body) };
  }

  test('a pod is created, runs, is changed and goes', async () => {
    await runPod('web');
    const pod = await core().readNamespacedPod({ namespace: 'default', name: 'web' });
    expect(pod.spec?.nodeName).toMatch(/^n[12]$/);
    expect(pod.status?.containerStatuses?.[0]).toMatchObject({ name: 'main', ready: true });
    const patched = await core().patchNamespacedPod(
      { namespace: 'default', name: 'web', body: { metadata: { labels: { seen: 'yes' } } } },
      setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch),
    );
    expect(patched.metadata?.labels).toEqual({ app: 'shop', seen: 'yes' });
    const listed = await core().listNamespacedPod({ namespace: 'default', labelSelector: 'seen in (yes)' });
    expect(listed.items.map(({ metadata }) => metadata?.name)).toEqual(['web']);
    const none = await core().listPodForAllNamespaces({ fieldSelector: 'status.phase!=Running' });
    expect(none.items).toEqual([]);
    await core().deleteNamespacedPod({ namespace: 'default', name: 'web' });
    await until('it is gone', () => cluster.get('pods', 'default', 'web') === undefined);
  });

  test('JSON patches and merge patches do what they say, and refuse what they cannot', async () => {
    await runPod('patched');
    const api = core();
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
    const api = core();
    await api.createNamespacedPod({ namespace: 'default', body: podNamed('tried'), dryRun: 'All' });
    expect(cluster.get('pods', 'default', 'tried')).toBeUndefined();
    await runPod('kept');
    await api.deleteNamespacedPod({ namespace: 'default', name: 'kept', dryRun: 'All' });
    expect(textAt(cluster.get('pods', 'default', 'kept'), 'metadata', 'deletionTimestamp')).toBe('');
  });

  test('a deletion takes its time, holds a uid to its word, and is hurried by no grace', async () => {
    await runPod('stubborn');
    const api = core();
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

  test('a lease goes to one of two who want it', async () => {
    const api = configOf('admin').makeApiClient(CoordinationV1Api);
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
    const api = core();
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

  test('a watch tells what happens, is cut, goes on where it was, and learns that it is too late', async () => {
    const seen: string[] = [];
    const watch = new Watch(configOf('admin'));
    const follow = async (resourceVersion: string): Promise<unknown> => {
      const { promise, resolve } = Promise.withResolvers<unknown>();
      const path = '/api/v1/namespaces/default/configmaps';
      await watch.watch(
        path,
        { resourceVersion, labelSelector: 'watched' },
        (type, object) => seen.push(`${type} ${object.metadata?.name ?? object.code}`),
        resolve,
      );
      return promise;
    };
    const api = core();
    const { metadata } = await api.listNamespacedConfigMap({ namespace: 'default' });
    const first = follow(metadata?.resourceVersion ?? '');
    const body = { metadata: { name: 'w', labels: { watched: 'yes' } } };
    await api.createNamespacedConfigMap({ namespace: 'default', body });
    await until('it is told', () => seen.length === 1);
    expect(cluster.cutWatches('configmaps')).toBe(1);
    await first;
    await api.patchNamespacedConfigMap(
      { namespace: 'default', name: 'w', body: { metadata: { labels: { watched: null } } } },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    );
    const second = follow(metadata?.resourceVersion ?? '');
    await until('it is told again', () => seen.length === 3);
    // What no longer fits the selector is gone for who watches by it.
    expect(seen).toEqual(['ADDED w', 'ADDED w', 'DELETED w']);
    cluster.cutWatches();
    await second;
    cluster.forgetHistory();
    await follow(metadata?.resourceVersion ?? '');
    expect(seen.at(-1)).toBe('ERROR 410');
  });

  test('commands run in containers, with input, output and exit codes', async () => {
    await runPod('shell');
    const run = async (words: readonly string[], input?: string) => {
      const [stdout, stderr] = [new PassThrough(), new PassThrough()];
      const stdin = input === undefined ? null : new PassThrough();
      const { promise, resolve } = Promise.withResolvers<V1Status>();
      const exec = new Exec(configOf('admin'));
      await exec.exec('default', 'shell', 'main', [...words], stdout, stderr, stdin, false, resolve);
      stdin?.end(input);
      return { status: await promise, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') };
    };
    const said = await run(['say', 'it']);
    expect(said).toMatchObject({ status: { status: 'Success' }, out: 'say it', err: 'a warning' });
    expect((await run(['cat'], 'typed')).out).toBe('typed');
    expect((await run(['fail'])).status).toMatchObject({
      status: 'Failure',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '7' }] },
    });
    const nowhere = new Exec(configOf('admin')).exec('default', 'none', 'main', 'x', null, null, null, false);
    await expect(nowhere).rejects.toMatchObject({ message: expect.stringContaining('404') });
  });

  test('logs, from their end, cut, and going on', async () => {
    await runPod('writer');
    const read = (options: object) =>
      core().readNamespacedPodLog({ namespace: 'default', name: 'writer', ...options });
    expect(await read({})).toBe('one\ntwo\nthree\n');
    expect(await read({ tailLines: 1 })).toBe('three\n');
    expect(await read({ limitBytes: 5 })).toBe('one\nt');
    const stream = new PassThrough();
    let text = '';
    stream.on('data', (chunk) => {
      text += chunk;
    });
    await new Log(configOf('admin')).log('default', 'writer', 'main', stream, {
      follow: true,
    });
    await until('it came', () => text.includes('three'));
    cluster.addLog({ namespace: 'default', pod: 'writer', container: 'main' }, 'four');
    await until('it came, too', () => text.endsWith('three\nfour\n'));
    // The client itself fails when it is asked to stop.
    const ended = new Promise((resolve) => stream.once('end', resolve));
    await core().deleteNamespacedPod({ namespace: 'default', name: 'writer' });
    await ended;
    await runPod('writer');
    const wrong = await failureOf(read({ container: 'none' }));
    expect(wrong.status.message).toBe('container none is not valid for pod writer');
  });

  test('an ephemeral container is added and runs', async () => {
    await runPod('debugged');
    const body = { spec: { ephemeralContainers: [{ name: 'debug', image: 'busybox' }] } };
    await core().patchNamespacedPodEphemeralcontainers(
      { namespace: 'default', name: 'debugged', body },
      setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch),
    );
    const stateOf = () => cluster.get('pods', 'default', 'debugged');
    await until(
      'it runs',
      () =>
        textAt(stateOf(), 'status', 'ephemeralContainerStatuses', 0, 'state', 'running', 'startedAt') !== '',
    );
  });

  test('a deployment keeps its pods, is scaled and restarted', async () => {
    const api = configOf('admin').makeApiClient(AppsV1Api);
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
    await core().deleteNamespacedPod({ namespace: 'default', name: first });
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

  test('a budget forbids an eviction', async () => {
    await runPod('guarded');
    const evict = () =>
      core().createNamespacedPodEviction({
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

  test('policies of Kubernetes, Calico and Cilium are kept', async () => {
    const policies = configOf('admin').makeApiClient(NetworkingV1Api);
    const body = { metadata: { name: 'deny' }, spec: { podSelector: {}, policyTypes: ['Ingress'] } };
    await policies.createNamespacedNetworkPolicy({ namespace: 'default', body });
    const api = configOf('admin').makeApiClient(CustomObjectsApi);
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

  test('who may not is told so, until a role says otherwise', async () => {
    await runPod('secret');
    const remove = () => core('eve').deleteNamespacedPod({ namespace: 'default', name: 'secret' });
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
    const other = core('eve').deleteNamespacedPod({ namespace: 'default', name: 'another' });
    expect((await failureOf(other)).code).toBe(403);
    await remove();
    const everywhere = await failureOf(core('eve').listPodForAllNamespaces());
    expect(everywhere.status.message).toBe(
      'pods is forbidden: User "eve" cannot list resource "pods" in API group "" at the cluster scope',
    );
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
    const api = core();
    const read = () => api.readNamespacedServiceAccount({ namespace: 'default', name: 'default' });
    cluster.misbehave(
      { kind: 'answer', code: 429, retryAfterS: 2 },
      { resource: 'serviceaccounts', verb: 'get' },
      2,
    );
    for (const _ of [1, 2]) expect(await failureOf(read())).toMatchObject({ code: 429 });
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
    const response = await core().connectPostNamespacedServiceProxyWithPath({
      namespace: 'default',
      name: 'fn:8080',
      path: 'run',
    });
    expect(response).toContain('POST /run');
  });
});

describe.skipIf(obstacle !== undefined)('the audit log', () => {
  test('each request is told in stages to a webhook, and a command when it begins', async () => {
    const receiver = await openHttpReceiver();
    const audit = { webhookUrl: `${receiver.origin}/k8s-audit`, level: 'RequestResponse' } as const;
    const cluster = await openCluster({ audit, exec: command });
    const config = new KubeConfig();
    config.loadFromString(cluster.kubeconfigFor('admin').text);
    const spec = { containers: [{ name: 'main', image: 'alpine' }] };
    await config.makeApiClient(CoreV1Api).createNamespacedPod({
      namespace: 'default',
      body: { metadata: { name: 'web' }, spec },
    });
    await until(
      'it runs',
      () => textAt(cluster.get('pods', 'default', 'web'), 'status', 'phase') === 'Running',
    );
    const { promise, resolve } = Promise.withResolvers<V1Status>();
    const out = new PassThrough();
    await new Exec(config).exec('default', 'web', 'main', ['sh', '-c', 'x'], out, null, null, false, resolve);
    await promise;
    await cluster.close();
    const events = receiver.requests.flatMap(({ body }) => JSON.parse(body).items);
    const told = events.map(({ stage, verb, objectRef, responseStatus }) =>
      [stage, verb, objectRef.resource, objectRef.subresource ?? '', responseStatus?.code ?? ''].join(' '),
    );
    expect(told).toEqual([
      'RequestReceived create pods  ',
      'ResponseComplete create pods  201',
      'RequestReceived get pods exec ',
      'ResponseStarted get pods exec 101',
      'ResponseComplete get pods exec 101',
    ]);
    expect(events[1]).toMatchObject({
      level: 'RequestResponse',
      auditID: events[0].auditID,
      user: { username: 'admin', groups: ['system:masters', 'system:authenticated'] },
      objectRef: { resource: 'pods', namespace: 'default', name: 'web', apiVersion: 'v1' },
      requestObject: { spec },
      responseObject: { kind: 'Pod', status: { phase: 'Pending' } },
    });
    expect(events[3].requestURI).toContain('command=sh&command=-c&command=x');
    await receiver.close();
  });
});
