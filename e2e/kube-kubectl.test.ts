/** The stand-in for a cluster, as kubectl sees it. */

import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cluster, clusterObstacle, type ExecCall, openCluster } from './kube/cluster.ts';
import { textAt } from './kube/document.ts';
import { type Ended, run, Scratch, until } from './program.ts';

function programFile(name: string): string | undefined {
  const files = (process.env.PATH ?? '').split(':').map((folder) => join(folder, name));
  return files.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const kubectl = programFile('kubectl');
const script = programFile('script');
const obstacle = clusterObstacle() ?? (kubectl === undefined ? 'kubectl is not installed' : undefined);
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
  let letGo: () => void = () => {};

  beforeAll(async () => {
    cluster = await openCluster({
      nodes: ['n1', 'n2'],
      exec: command,
      log: () => 'one\ntwo',
      stop: ({ pod }) => (pod === 'alpine' ? new Promise((resolve) => (letGo = resolve)) : Promise.resolve()),
    });
  });
  afterAll(async () => {
    await cluster?.close();
    scratch.remove();
  });

  // Commands that older versions run over SPDY and newer ones over WebSockets.
  const environment = (more: Readonly<Record<string, string>>) => ({ HOME: scratch.folder, ...more });

  function ask(user: string, words: readonly string[], input?: string, more = {}): Promise<Ended> {
    const given = ['--kubeconfig', cluster.kubeconfigFor(user).file, ...words];
    const options = { environment: environment(more), ...(input === undefined ? {} : { input }) };
    return run(kubectl ?? '', given, options);
  }

  const outOf = async (...words: readonly string[]): Promise<string> => {
    const { status, out, err } = await ask('admin', words);
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
    const deleting = ask('admin', ['delete', 'pod', 'alpine']);
    await until(
      'it ends',
      () => textAt(cluster.get('pods', 'default', 'alpine'), 'metadata', 'deletionTimestamp') !== '',
    );
    expect(await outOf('get', 'pods', 'alpine')).toMatch(/alpine +1\/1 +Terminating/);
    letGo();
    expect(await deleting).toMatchObject({ status: 0, out: 'pod "alpine" deleted\n' });
    expect((await ask('admin', ['get', 'pod', 'alpine'])).err).toBe(
      'Error from server (NotFound): pods "alpine" not found\n',
    );
  }, 120_000);

  test.each([
    ['as it likes best', {}],
    ['over SPDY', { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false' }],
  ])(
    'exec %s: output, input, exit code, terminal',
    async (way, more) => {
      const name = `shell-${way.length}`;
      await runPod(name);
      expect(await ask('admin', ['exec', name, '--', 'say', 'it'], undefined, more)).toMatchObject({
        status: 0,
        out: 'say it\n',
      });
      expect((await ask('admin', ['exec', '-i', name, '--', 'cat'], 'typed', more)).out).toBe('typed');
      expect(await ask('admin', ['exec', name, '--', 'fail'], undefined, more)).toMatchObject({ status: 7 });
      const words = [kubectl, '--kubeconfig', cluster.kubeconfigFor('admin').file, 'exec', '-it', name];
      const line = `${words.join(' ')} -- sh -c uptime`;
      const { out } = await run(script ?? 'script', ['-qec', line, '/dev/null'], {
        environment: environment(more),
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

  test('a node is drained', async () => {
    cluster.put({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'stays' },
      spec: { nodeName: 'n2', containers: [{ name: 'a', image: 'b' }] },
    });
    await until('it runs', () => phaseOf('stays') === 'Running');
    const { status, out } = await ask('admin', ['drain', 'n2', '--force']);
    expect([status, out]).toEqual([0, expect.stringContaining('pod/stays evicted')]);
    expect(await outOf('get', 'node', 'n2')).toContain('Ready,SchedulingDisabled');
    await outOf('uncordon', 'n2');
  }, 60_000);

  test('who may not is told so', async () => {
    await runPod('guarded');
    expect(await ask('alice', ['delete', 'pod', 'guarded'])).toMatchObject({
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
    expect((await ask('alice', ['get', 'pod', 'guarded', '-o', 'name'])).out).toBe('pod/guarded\n');
    const { err } = await ask('alice', ['exec', 'guarded', '--', 'say']);
    expect(err).toMatch(/"guarded" is forbidden: User "alice" cannot (get|create) resource "pods\/exec"/);
  }, 60_000);
});
