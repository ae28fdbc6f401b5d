/**
 * The scenario of the tutorials, whole: somebody opens a shell in a pod, and the pod is deleted. Real containers, the kernel's
 * events, the rules that come along, kubectl. Once by the function of the tutorial, once by a rule of two lines.
 */

import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createLiveCgroup, type LiveCgroup } from '../packages/sources/testing/live-probe.ts';
import { serveInPod, tutorialObstacle } from './functions-tutorial.ts';
import { type Cluster, clusterObstacle, openCluster } from './kube/cluster.ts';
import { textAt } from './kube/document.ts';
import { Kubectl, kubectlObstacle } from './kube/kubectl.ts';
import { openRuncRuntime, runcRuntimeObstacle } from './kube/runc-runtime.ts';
import { type Running, root, Scratch, start, until } from './program.ts';
import { changesAt, textsOf } from './response-program.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 200_000 });

const obstacle = runcRuntimeObstacle() ?? clusterObstacle() ?? kubectlObstacle();
const title = `a shell in a pod${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`;
/** As in the falco.yaml that comes with Falco. */
const SUGGESTED = 'append_output: [{suggested_output: true}]\n';
const TWO_LINES = '- when: rule = "Terminal shell in container"\n  do: kubernetes:terminate\n';
/** What the tutorial has its readers apply, beside the function. */
const rights = [
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'falco-pod-delete-cluster-role' },
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'delete'] }],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'falco-pod-delete-cluster-role-binding' },
    roleRef: {
      kind: 'ClusterRole',
      name: 'falco-pod-delete-cluster-role',
      apiGroup: 'rbac.authorization.k8s.io',
    },
    subjects: [{ kind: 'ServiceAccount', name: 'falco-pod-delete', namespace: 'kubeless' }],
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'delete-pod', namespace: 'kubeless' },
    spec: { ports: [{ port: 8080 }] },
  },
];

describe.skipIf(obstacle !== undefined)(title, () => {
  const scratch = new Scratch();
  let cgroup: LiveCgroup;
  let cluster: Cluster;
  let kubectl: Kubectl;
  let program: Running | undefined;

  beforeAll(async () => {
    cgroup = createLiveCgroup();
    const runtime = await openRuncRuntime({ cgroup, socket: scratch.path('cri.sock') });
    cluster = await openCluster({ runtime, namespaces: ['kubeless'] });
    cluster.put(...rights);
    kubectl = new Kubectl(cluster, scratch.folder);
  });
  afterEach(async () => {
    program?.child.kill('SIGTERM');
    await program?.ended;
    program = undefined;
    cluster.requests.length = 0;
  });
  afterAll(async () => {
    await cluster?.close();
    await cgroup?.remove();
    scratch.remove();
  });

  /** `peregrine up` on the pods alone, with a hub of that configuration; `more` is for the sensor. */
  async function watch(hub: string, more = ''): Promise<Running> {
    const config = scratch.write(
      'falco.yaml',
      `rules_files: [${join(root, 'rules', 'peregrine_rules.yaml')}]
container_engines: {docker: {enabled: false}, podman: {enabled: false}, cri: {sockets: [/cri.sock]}}
${more}`,
    );
    const state = scratch.path(`state-${Math.random()}`);
    const hubFile = scratch.write('hub.yaml', `journal: {path: ${state}}\n${hub}`);
    const running = start(
      'peregrine',
      ['up', '-c', config, '--hub', hubFile, '--no-ui', '--scope', `cgroup:${cgroup.path}`],
      { environment: { HOST_ROOT: scratch.folder } },
    );
    program = running;
    const isDecided = (): boolean => /watching/.test(running.err()) || running.child.exitCode !== null;
    await until('the program watches', isDecided, 100_000);
    expect(running.child.exitCode, running.err()).toBe(null);
    return running;
  }

  async function runPod(name: string): Promise<void> {
    const words = ['run', name, '--image=alpine', '--restart=Never', '--', 'sh', '-c', 'sleep 600'];
    expect((await kubectl.ask(words)).err).toBe('');
    const phase = (): string => textAt(cluster.get('pods', 'default', name), 'status', 'phase');
    await until('the pod runs', () => phase() === 'Running', 60_000);
  }

  async function openShell(name: string): Promise<void> {
    const words = ['exec', '-it', name, '--', 'sh', '-c', 'uptime'];
    expect((await kubectl.askAtTerminal(words)).out).toMatch(/load average/);
  }

  const isGoing = (name: string): boolean => {
    const pod = cluster.get('pods', 'default', name);
    return pod === undefined || textAt(pod, 'metadata', 'deletionTimestamp') !== '';
  };
  const deletions = (): readonly string[] =>
    textsOf(changesAt(cluster).filter(({ verb }) => verb === 'delete'));

  test('is answered by a rule of two lines', async () => {
    await runPod('alpine');
    await runPod('bystander');
    const rules = scratch.write('response.yaml', TWO_LINES);
    const running = await watch(
      `response: {rulesfiles: [${rules}], kubeconfig: ${cluster.kubeconfigFor('admin').file}}\n`,
    );
    cluster.requests.length = 0;
    await openShell('alpine');
    await until('the pod goes', () => isGoing('alpine'), 60_000);
    expect(deletions()).toEqual(['delete default/alpine']);
    expect(isGoing('bystander')).toBe(false);
    await until('it is told', () => /terminate on pod default\/alpine - done/.test(running.err()), 60_000);
    await until('the pod is gone', () => cluster.get('pods', 'default', 'alpine') === undefined, 60_000);
  });

  const why = tutorialObstacle();
  test.skipIf(why !== undefined)(
    `is answered by the function of the tutorial${why === undefined ? '' : ` (skipped: ${why})`}`,
    async () => {
      await runPod('seen');
      const account = cluster.serviceAccountFolder('kubeless', 'falco-pod-delete');
      const files = ['token', 'ca.crt', 'namespace'].map((name) => join(account.folder, name));
      const served = await serveInPod(scratch, files, account.environment);
      try {
        // In a cluster, the API server hands calls on to the function's service.
        cluster.serve('kubeless', 'delete-pod', async ({ method, contentType, body }) => {
          const answer = await fetch(served.url, {
            method,
            body,
            headers: { 'content-type': contentType, 'user-agent': 'Falcosidekick' },
          });
          return { status: answer.status, body: await answer.text() };
        });
        const { file } = cluster.kubeconfigFor('admin');
        await watch(
          `kubeless: {namespace: kubeless, function: delete-pod, kubeconfig: ${file}}\n`,
          SUGGESTED,
        );
        cluster.requests.length = 0;
        await openShell('seen');
        await until('the pod goes', () => isGoing('seen'), 60_000);
        expect(deletions()).toEqual(['delete default/seen']);
        const [deletion] = cluster.requests.filter(({ verb }) => verb === 'delete');
        expect(deletion?.user).toBe('system:serviceaccount:kubeless:falco-pod-delete');
        await until('the function is heard', () =>
          /delete-pod: Deleting pod "seen" in namespace "default"/.test(served.program.err()),
        );
        const { out } = await kubectl.ask(['get', 'pods']);
        expect(out).toMatch(/^seen .*Terminating|^(?!.*seen)/m);
      } finally {
        await served.stop();
      }
    },
  );
});
