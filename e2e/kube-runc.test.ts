/**
 * Pods that are real containers: what kubectl runs in them is run, and a sensor sees it, says whose it is, and knows from the
 * audit log who asked for it.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLiveCgroup, type LiveCgroup } from '../packages/sources/testing/live-probe.ts';
import { type Cluster, clusterObstacle, openCluster } from './kube/cluster.ts';
import { textAt } from './kube/document.ts';
import { Kubectl, kubectlObstacle } from './kube/kubectl.ts';
import { openRuncRuntime, runcRuntimeObstacle } from './kube/runc-runtime.ts';
import { type Running, Scratch, start, until } from './program.ts';

const obstacle = runcRuntimeObstacle() ?? clusterObstacle() ?? kubectlObstacle();
const title = obstacle === undefined ? 'pods that run' : `pods that run (skipped: ${obstacle})`;

const rules = `
- rule: Shell at a terminal
  desc: Somebody opened a shell in a pod.
  condition: evt.type = execve and proc.name = sh and proc.tty != 0 and k8s.ns.name = default
  output: "%k8s.ns.name %k8s.pod.name %proc.cmdline by %k8s.user.name"
  priority: NOTICE
- rule: Asked for
  desc: Somebody asked the API server for a command.
  condition: ka.target.subresource = exec and ka.stage = ResponseStarted
  output: "%ka.user.name asked for %ka.uri.param[command] in %ka.target.name"
  source: k8s_audit
  priority: NOTICE
`;

describe.skipIf(obstacle !== undefined)(title, () => {
  const scratch = new Scratch();
  let cgroup: LiveCgroup;
  let cluster: Cluster;
  let kubectl: Kubectl;
  let program: Running;

  beforeAll(async () => {
    cgroup = createLiveCgroup();
    const config = scratch.write(
      'falco.yaml',
      `
rules_files: [${scratch.write('rules.yaml', rules)}]
json_output: true
stdout_output: {enabled: true}
plugins: [{name: k8saudit, library_path: libk8saudit.so, open_params: "http://127.0.0.1:0/k8s-audit"}]
kubernetes_users: {wait_ms: 10000}
container_engines: {docker: {enabled: false}, podman: {enabled: false}, cri: {sockets: [/cri.sock]}, wait_ms: 5000}
`,
    );
    program = start('falco', ['-U', '-c', config, '--scope', `cgroup:${cgroup.path}`], {
      environment: { HOST_ROOT: scratch.folder },
    });
    // The source of audit events may open before the watch begins, or after it.
    const webhook = (): string => /`k8s_audit`.*: (http:\S+)/.exec(program.err())?.[1] ?? '';
    const isReady = (): boolean => program.err().includes('watching') && webhook() !== '';
    await until('the program watches', () => isReady() || program.child.exitCode !== null, 150_000);
    expect(program.child.exitCode, program.err()).toBe(null);
    const runtime = await openRuncRuntime({ cgroup, socket: scratch.path('cri.sock') });
    cluster = await openCluster({ runtime, audit: { webhookUrl: webhook() } });
    kubectl = new Kubectl(cluster, scratch.folder);
    const { err } = await kubectl.ask([
      'run',
      'alpine',
      '--image=alpine',
      '--restart=Never',
      '--',
      'sleep',
      '600',
    ]);
    expect(err).toBe('');
    const phase = (): string => textAt(cluster.get('pods', 'default', 'alpine'), 'status', 'phase');
    await until('the pod runs', () => phase() === 'Running', 60_000);
  }, 200_000);

  afterAll(async () => {
    program?.child.kill('SIGKILL');
    await program?.ended;
    await cluster?.close();
    await cgroup?.remove();
    scratch.remove();
  }, 60_000);

  test('commands run in it, with input and exit codes', async () => {
    const words = ['exec', '-i', 'alpine', '--', 'sh', '-c', 'cat; ps; exit 3'];
    const { status, out } = await kubectl.ask(words, { input: 'typed\n' });
    expect([status, out]).toEqual([3, expect.stringMatching(/^typed\n(.*\n)* *1 .*sleep 600\n/)]);
  }, 60_000);

  test('a command at a terminal prints there, and the sensor says in which pod it was and whose', async () => {
    const { status, out } = await kubectl.askAtTerminal([
      'exec',
      '-it',
      'alpine',
      '--',
      'sh',
      '-c',
      'uptime',
    ]);
    expect([status, out]).toEqual([0, expect.stringMatching(/load average/)]);
    const isTold = (text: string) => (): boolean => program.out().includes(text);
    await until('there is an alert', isTold('default alpine sh -c uptime by admin'), 60_000);
    await until('there is one on the request', isTold('admin asked for sh in alpine'), 60_000);
  }, 120_000);

  test('a pod is run, talked to, and is gone afterwards', async () => {
    const words = [
      'run',
      'talk',
      '--image=x',
      '--restart=Never',
      '-i',
      '--rm',
      '--quiet',
      '--',
      'head',
      '-n',
      '1',
    ];
    const { out } = await kubectl.ask(words, { input: 'typed\nmore\n' });
    expect(out).toContain('typed\n');
    await until('it is gone', () => cluster.get('pods', 'default', 'talk') === undefined, 60_000);
  }, 120_000);

  test('logs are what it writes', async () => {
    await kubectl.ask([
      'run',
      'writer',
      '--image=x',
      '--restart=Never',
      '--',
      'sh',
      '-c',
      'echo one; echo two',
    ]);
    const phase = (): string => textAt(cluster.get('pods', 'default', 'writer'), 'status', 'phase');
    await until('it has ended', () => phase() === 'Succeeded', 60_000);
    expect((await kubectl.ask(['logs', 'writer'])).out).toBe('one\ntwo\n');
  }, 120_000);

  test('a pod that is deleted at once is gone, and what ran in it', async () => {
    const { status } = await kubectl.ask(['delete', 'pod', 'alpine', '--grace-period=0', '--force']);
    expect(status).toBe(0);
    expect(cluster.get('pods', 'default', 'alpine')).toBeUndefined();
  }, 60_000);
});
