/** What holds for each action: dry runs change nothing, what RBAC forbids is named, what fails for now is tried again. */

import { describe, expect, test } from 'vitest';
import { alertOf } from '../../testing/alert-of.ts';
import { broken, FakeKube, failure, forbidden } from '../../testing/fake-kube.ts';
import { alpine, podOf, putAlpine } from '../../testing/pods-of.ts';
import { runAction } from '../../testing/run-action.ts';
import { configMaps, deployments, pods, replicaSets } from './kinds.ts';
import { kubernetesActions } from './roster.ts';

interface Sample {
  readonly parameters?: unknown;
  /** How the request begins that changes something, or gets what is wanted. */
  readonly decisive: string;
  readonly isReading?: true;
}

const samples: Readonly<Record<string, Sample>> = {
  'kubernetes:terminate': { decisive: 'delete' },
  'kubernetes:evict': { decisive: 'create eviction of' },
  'kubernetes:delete': { decisive: 'delete' },
  'kubernetes:label': { decisive: 'patch', parameters: { labels: { a: 'b' } } },
  'kubernetes:annotation': { decisive: 'patch', parameters: { annotations: { a: 'b' } } },
  'kubernetes:networkpolicy': { decisive: 'create' },
  'calico:networkpolicy': { decisive: 'create' },
  'cilium:networkpolicy': { decisive: 'create' },
  'kubernetes:exec': { decisive: 'exec', parameters: { command: 'id' } },
  'kubernetes:script': { decisive: 'exec', parameters: { script: 'id' } },
  'kubernetes:log': { decisive: 'log', isReading: true },
  'kubernetes:download': { decisive: 'exec', parameters: { file: '/etc/passwd' } },
  'kubernetes:debug': { decisive: 'patch ephemeralcontainers of', parameters: { image: 'busybox' } },
  'kubernetes:tcpdump': { decisive: 'patch ephemeralcontainers of' },
  'kubernetes:sysdig': { decisive: 'create', parameters: { namespace: 'peregrine' } },
  'kubernetes:scale': { decisive: 'patch scale of' },
  'kubernetes:restart': { decisive: 'patch' },
  'kubernetes:cordon': { decisive: 'patch' },
  'kubernetes:uncordon': { decisive: 'patch' },
  'kubernetes:drain': { decisive: 'create eviction of' },
};

const alert = alertOf({
  fields: {
    ...{ 'k8s.ns.name': 'default', 'k8s.pod.name': 'alpine', 'fd.rip': '203.0.113.7' },
    ...{ 'ka.target.resource': 'configmaps', 'ka.target.name': 'keys', 'ka.target.namespace': 'default' },
  },
});

/** A pod of a Deployment on a node; it wrote something. */
function clusterFor(name: string): FakeKube {
  const kube = new FakeKube();
  putAlpine(kube, { owner: { kind: 'ReplicaSet', name: 'web-1' } });
  const ownerReferences = [
    { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'u', controller: true },
  ];
  const metadata = { name: 'web-1', namespace: 'default', ownerReferences };
  kube.put(replicaSets, { metadata, spec: { replicas: 2 }, status: { readyReplicas: 2 } });
  kube.put(deployments, { metadata: { name: 'web', namespace: 'default' }, spec: { replicas: 2 } });
  kube.put(configMaps, { metadata: { name: 'keys', namespace: 'default' } });
  kube.change(alpine, {
    status: { containerStatuses: [{ name: 'main', containerID: `containerd://${'a'.repeat(64)}` }] },
  });
  kube.onLog = () => 'a line\n';
  if (name === 'kubernetes:uncordon')
    kube.change(
      {
        kind: { apiVersion: 'v1', kind: 'Node', resource: 'nodes', isNamespaced: false },
        namespace: '',
        name: 'worker-1',
      },
      { spec: { unschedulable: true } },
    );
  kube.onChange = (verb, { name: changed }) => kube.changed.push(`${verb} ${changed}`);
  return kube;
}

test('each action has a sample here', () => {
  expect(Object.keys(samples)).toEqual(kubernetesActions.map(({ name }) => name));
});

describe.each(kubernetesActions.map((action) => [action.name, action] as const))('%s', (name, action) => {
  const { parameters = {}, decisive, isReading = false } = samples[name] ?? { decisive: '' };

  test('a dry run says what would be done, and changes nothing', async () => {
    const kube = clusterFor(name);
    const outcome = await runAction(action, { ports: kube.dryPorts, parameters, alert, isDryRun: true });
    expect(outcome).toMatchObject({ kind: 'done' });
    expect(kube.changed).toEqual([]);
    expect(kube.calls.every((call) => call.startsWith('dry '))).toBe(true);
    if (!isReading) expect(kube.calls.join('\n')).toContain(`dry ${decisive}`);
  });

  test('what RBAC forbids is refused, and named', async () => {
    const kube = clusterFor(name);
    kube.failNext(decisive, forbidden('do', 'things'));
    const outcome = await runAction(action, { ports: kube.ports, parameters, alert });
    expect(outcome).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('RBAC lacks `do` on `things`'),
    });
  });

  test('looking at the target may be forbidden, too', async () => {
    const kube = clusterFor(name);
    kube.failNext('get', forbidden('get', 'pods'));
    expect(await runAction(action, { ports: kube.ports, parameters, alert })).toMatchObject({
      kind: 'refused',
    });
  });

  test('what is gone is gone', async () => {
    const kube = new FakeKube();
    const outcome = await runAction(action, { ports: kube.ports, parameters, alert });
    expect(outcome).toMatchObject({ kind: 'gone', reason: expect.stringContaining('gone') });
    expect(kube.calls.filter((call) => !call.startsWith('get'))).toEqual([]);
  });

  test.each([429, 500, 503])('%i is tried again', async (status) => {
    const kube = clusterFor(name);
    kube.failNext(decisive, failure(status, 'Unavailable', 'not now', 2_000));
    expect(await runAction(action, { ports: kube.ports, parameters, alert })).toMatchObject({
      kind: 'retry',
    });
    const again = await runAction(action, { ports: kube.dryPorts, parameters, alert });
    expect(again.kind).toMatch(/^(done|unchanged)$/);
  });

  test('where the connection broke, nobody knows', async () => {
    const kube = clusterFor(name);
    kube.failNext(decisive, broken());
    const outcome = await runAction(action, { ports: kube.ports, parameters, alert });
    // Of the pods of a node, each is one of several; a drain is simply not over.
    expect(outcome.kind).toBe(name === 'kubernetes:drain' ? 'retry' : 'unknown');
  });

  test('its time may be over', async () => {
    const kube = clusterFor(name);
    const signal = AbortSignal.abort(new Error('time is over'));
    await expect(runAction(action, { ports: kube.ports, parameters, alert, signal })).rejects.toThrow(
      'time is over',
    );
  });

  test('another pod of that name is not touched', async () => {
    const kube = clusterFor(name);
    const own = action.target.name;
    if (own !== 'pod') return;
    const put = (): void => {
      kube.drop(alpine);
      kube.put(pods, podOf('alpine', { owner: { kind: 'ReplicaSet', name: 'web-1' } }));
    };
    const outcome = await runAction(action, { ports: kube.ports, parameters, alert, afterLook: put });
    expect(outcome).toMatchObject({ kind: 'unchanged', reason: expect.stringContaining('gone') });
    expect(kube.changed).toEqual([]);
  });
});
