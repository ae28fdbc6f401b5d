/** The stand-in for a cluster, as kubectl sees it. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cluster, clusterObstacle, type ExecCall, openCluster } from './kube/cluster.ts';
import { textAt } from './kube/document.ts';
import { Kubectl, kubectlObstacle } from './kube/kubectl.ts';
import { Scratch, until } from './program.ts';

const obstacle = clusterObstacle() ?? kubectlObstacle();
const title = obstacle === undefined ? 'kubectl' : `kubectl (skipped: ${obstacle})`;

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec: {containers: [{name: main, image: nginx}]}
`;

async function command(call: ExecCall): Promise<number> {
  if (call.command[0] === 'cat') {
    for await (const chunk of call.stdin) call.stdout.write(chunk);
    return 0;
  }
  call.stdout.write(`${call.command.join(' ')}${call.isTty ? ' at a terminal' : ''}\n`);
  return call.command[0] === 'fail' ? 7 : 0;
}

describe.skipIf(obstacle !== undefined)(title, () => {
  const scratch = new Scratch();
  let cluster: Cluster;
  let kubectl: Kubectl;
  let letGo: () => void = () => {};

  beforeAll(async () => {
    cluster = await openCluster({
      nodes: ['n1', 'n2'],
      exec: command,
      log: () => 'one\ntwo',
      stop: ({ pod }) => (pod === 'alpine' ? new Promise((resolve) => (letGo = resolve)) : Promise.resolve()),
    });
    kubectl = new Kubectl(cluster, scratch.folder);
  });
  afterAll(async () => {
    await cluster?.close();
    scratch.remove();
  });

  const outOf = async (...words: readonly string[]): Promise<string> => {
    const { status, out, err } = await kubectl.ask(words);
    expect([status, err]).toEqual([0, '']);
    return out;
  };
  const phaseOf = (name: string): string => textAt(cluster.get('pods', 'default', name), 'status', 'phase');

  async function runPod(name: string): Promise<void> {
    await outOf('run', name, '--image=alpine', '--restart=Never', '--', 'sleep', '600');
    await until('it runs', () => phaseOf(name) === 'Running', 30_000);
  }

  test('run, get, exec and delete: the pod is shown as it ends', async () => {
    await runPod('alpine');
    expect(await outOf('get', 'pods', 'alpine')).toMatch(
      /^NAME +READY +STATUS +RESTARTS +AGE\nalpine +1\/1 +Running +0 +\d+s\n$/,
    );
    expect(await outOf('get', 'pod', 'alpine', '-o', 'jsonpath={.spec.containers[0].args}')).toContain('600');
    const deleting = kubectl.ask(['delete', 'pod', 'alpine']);
    await until(
      'it ends',
      () => textAt(cluster.get('pods', 'default', 'alpine'), 'metadata', 'deletionTimestamp') !== '',
    );
    expect(await outOf('get', 'pods', 'alpine')).toMatch(/alpine +1\/1 +Terminating/);
    letGo();
    expect(await deleting).toMatchObject({ status: 0, out: 'pod "alpine" deleted\n' });
    expect((await kubectl.ask(['get', 'pod', 'alpine'])).err).toBe(
      'Error from server (NotFound): pods "alpine" not found\n',
    );
  }, 120_000);

  test.each([
    ['as it likes best', {}],
    ['over SPDY', { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false' }],
  ])(
    'exec %s: output, input, exit code, terminal',
    async (way, environment) => {
      const name = `shell-${way.length}`;
      await runPod(name);
      expect(await kubectl.ask(['exec', name, '--', 'say', 'it'], { environment })).toMatchObject({
        status: 0,
        out: 'say it\n',
      });
      expect(
        (await kubectl.ask(['exec', '-i', name, '--', 'cat'], { input: 'typed', environment })).out,
      ).toBe('typed');
      expect(await kubectl.ask(['exec', name, '--', 'fail'], { environment })).toMatchObject({ status: 7 });
      const { out } = await kubectl.askAtTerminal(['exec', '-it', name, '--', 'sh', '-c', 'uptime'], {
        environment,
      });
      expect(out).toContain('sh -c uptime at a terminal');
    },
    120_000,
  );

  test('logs', async () => {
    await runPod('writer');
    expect(await outOf('logs', 'writer', '--tail=1')).toBe('two\n');
  }, 60_000);

  test('apply, once more, as a trial, and what comes of it', async () => {
    const file = scratch.write('deployment.yaml', deployment);
    expect(await outOf('apply', '-f', file)).toBe('deployment.apps/shop created\n');
    expect(await outOf('rollout', 'status', 'deployment/shop')).toContain('successfully rolled out');
    scratch.write('deployment.yaml', deployment.replace('replicas: 2', 'replicas: 3'));
    expect(await outOf('apply', '-f', file, '--dry-run=server')).toContain('configured (server dry run)');
    expect(textAt(cluster.get('deployments', 'default', 'shop'), 'spec', 'replicas')).toBe('2');
    expect(await outOf('apply', '-f', file)).toBe('deployment.apps/shop configured\n');
    await until(
      'there are three',
      () => textAt(cluster.get('deployments', 'default', 'shop'), 'status', 'readyReplicas') === '3',
    );
    expect((await outOf('get', 'pods', '-l', 'app=shop', '-o', 'name')).trim().split('\n')).toHaveLength(3);
    expect(await outOf('delete', '-f', file)).toContain('deleted');
  }, 120_000);

  test('small things are made in a word', async () => {
    expect(await outOf('create', 'namespace', 'shop')).toBe('namespace/shop created\n');
    await outOf('create', 'configmap', 'settings', '-n', 'shop', '--from-literal=a=b');
    expect(await outOf('get', 'configmap', 'settings', '-n', 'shop', '-o', 'jsonpath={.data.a}')).toBe('b');
    await outOf('create', 'secret', 'generic', 'key', '-n', 'shop', '--from-literal=a=b');
    expect(textAt(cluster.get('secrets', 'shop', 'key'), 'data', 'a')).toBe(
      Buffer.from('b').toString('base64'),
    );
    await outOf('create', 'serviceaccount', 'worker', '-n', 'shop');
    await outOf('create', 'role', 'reader', '-n', 'shop', '--verb=get', '--resource=pods');
    await outOf(
      'create',
      'rolebinding',
      'reads',
      '-n',
      'shop',
      '--role=reader',
      '--serviceaccount=shop:worker',
    );
    await outOf('create', 'deployment', 'site', '-n', 'shop', '--image=nginx');
    const ready = (): string => textAt(cluster.get('deployments', 'shop', 'site'), 'status', 'readyReplicas');
    await until('its pod is ready', () => ready() === '1', 30_000);
    const worker = 'system:serviceaccount:shop:worker';
    const may = await kubectl.ask(['auth', 'can-i', 'get', 'pods', '-n', 'shop'], { user: worker });
    expect(may.out).toBe('yes\n');
    expect(await outOf('delete', 'namespace', 'shop')).toBe('namespace "shop" deleted\n');
    expect(cluster.list('configmaps', 'shop')).toEqual([]);
  }, 120_000);

  test('a node is drained', async () => {
    cluster.put({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'stays' },
      spec: { nodeName: 'n2', containers: [{ name: 'a', image: 'b' }] },
    });
    await until('it runs', () => phaseOf('stays') === 'Running');
    const { status, out } = await kubectl.ask(['drain', 'n2', '--force']);
    expect([status, out]).toEqual([0, expect.stringContaining('pod/stays evicted')]);
    expect(await outOf('get', 'node', 'n2')).toContain('Ready,SchedulingDisabled');
    await outOf('uncordon', 'n2');
  }, 60_000);

  test('who may not is told so', async () => {
    await runPod('guarded');
    expect(await kubectl.ask(['delete', 'pod', 'guarded'], { user: 'alice' })).toMatchObject({
      status: 1,
      err: 'Error from server (Forbidden): pods "guarded" is forbidden: User "alice" cannot delete resource "pods" in API group "" in the namespace "default"\n',
    });
    const apiGroup = 'rbac.authorization.k8s.io';
    cluster.put({
      apiVersion: `${apiGroup}/v1`,
      kind: 'RoleBinding',
      metadata: { name: 'alice' },
      roleRef: { apiGroup, kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'User', name: 'alice', apiGroup }],
    });
    expect((await kubectl.ask(['get', 'pod', 'guarded', '-o', 'name'], { user: 'alice' })).out).toBe(
      'pod/guarded\n',
    );
    const may = await kubectl.ask(['auth', 'can-i', 'delete', 'pods'], { user: 'alice' });
    expect([may.status, may.out]).toEqual([1, 'no\n']);
    expect((await kubectl.ask(['auth', 'can-i', 'list', 'pods'], { user: 'alice' })).out).toBe('yes\n');
    expect((await kubectl.ask(['auth', 'can-i', '--list'], { user: 'alice' })).out).toMatch(
      /^pods\/log +\[\]/m,
    );
    const { err } = await kubectl.ask(['exec', 'guarded', '--', 'say'], { user: 'alice' });
    expect(err).toMatch(/"guarded" is forbidden: User "alice" cannot (get|create) resource "pods\/exec"/);
  }, 60_000);
});
