/**
 * Who had a command run in a pod: a real container, commands run in it by its runtime as kubelets have them run, audit
 * events that name its pod, and alerts on system calls that say who it was. Watches a cgroup of its own.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCriServer } from '../packages/sources/testing/cri-server.ts';
import type { StopServer } from '../packages/sources/testing/docker-server.ts';
import { createLiveCgroup, type LiveCgroup, liveObstacle } from '../packages/sources/testing/live-probe.ts';
import {
  createRuncContainer,
  type RuncContainer,
  runcObstacle,
} from '../packages/sources/testing/runc-container.ts';
import { type Running, Scratch, start, until } from './program.ts';

const obstacle = liveObstacle() ?? runcObstacle();
const title = obstacle === undefined ? 'commands in pods' : `commands in pods (skipped: ${obstacle})`;

const id = 'c0de'.padEnd(64, '0123456789abcdef');
const sandbox = 'f00d'.padEnd(64, '0');
const rules = `
- rule: Ran
  desc: A program ran in a pod.
  condition: evt.type = execve and container.id != host and proc.args contains "mark"
  output: "%proc.args by %k8s.user.name in %k8s.pod.name"
  priority: NOTICE
- rule: Ran by Alice
  desc: The same, of one user.
  condition: evt.type = execve and k8s.user.name = alice and proc.args contains "mark"
  output: "%proc.args"
  priority: WARNING
`;

interface Alert {
  readonly rule: string;
  readonly output_fields: Readonly<Record<string, unknown>>;
}

describe.skipIf(obstacle !== undefined)(title, () => {
  const scratch = new Scratch();
  let stopServer: StopServer | undefined;
  let cgroup: LiveCgroup;
  let container: RuncContainer;
  let program: Running;
  let url = '';
  let auditCount = 0;

  const alerts = (): readonly Alert[] =>
    program
      .out()
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line));
  const alertOn = (mark: string, rule = 'Ran'): Alert | undefined =>
    alerts().find((alert) => alert.rule === rule && JSON.stringify(alert).includes(mark));
  const whoRan = (mark: string) => {
    const fields = alertOn(mark)?.output_fields;
    return fields && [fields['k8s.exec.match'], fields['k8s.user.name'], fields['k8s.exec.users']];
  };

  /** Runs it in the container to its end. */
  const exec = (command: readonly string[]): Promise<unknown> => {
    const child = container.exec(command);
    return new Promise((resolve) => child.once('close', resolve));
  };

  async function audit(user: string, command: readonly string[], askedMs = Date.now()): Promise<string> {
    const auditID = `audit-${++auditCount}`;
    const query = [...command.map((word) => `command=${encodeURIComponent(word)}`), 'container=web'].join(
      '&',
    );
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        kind: 'Event',
        apiVersion: 'audit.k8s.io/v1',
        auditID,
        stage: 'ResponseStarted',
        verb: 'create',
        requestURI: `/api/v1/namespaces/shop/pods/web-0/exec?${query}`,
        user: { username: user, groups: ['dev', 'system:authenticated'] },
        sourceIPs: ['10.0.0.9'],
        objectRef: { resource: 'pods', namespace: 'shop', name: 'web-0', subresource: 'exec' },
        responseStatus: { code: 101 },
        requestReceivedTimestamp: new Date(askedMs).toISOString(),
        stageTimestamp: new Date(askedMs + 5).toISOString(),
      }),
    });
    expect(response.status).toBe(200);
    return auditID;
  }

  const busybox = (...words: readonly string[]): readonly string[] => ['/bin/busybox', ...words];

  beforeAll(async () => {
    cgroup = createLiveCgroup();
    const image = 'registry.example/web:7';
    stopServer = await startCriServer({
      socket: scratch.path('cri.sock'),
      containers: [
        {
          id,
          sandboxId: sandbox,
          status: {
            metadata: { name: 'web' },
            image: { image },
            labels: { 'io.kubernetes.container.name': 'web' },
          },
          info: {},
        },
      ],
      sandboxes: [
        {
          id: sandbox,
          status: { metadata: { name: 'web-0', uid: 'u-1', namespace: 'shop' }, network: {}, labels: {} },
        },
      ],
    });
    const config = scratch.write(
      'falco.yaml',
      `
rules_files: [${scratch.write('rules.yaml', rules)}]
json_output: true
stdout_output: {enabled: true}
rule_matching: all
plugins: [{name: k8saudit, library_path: libk8saudit.so, open_params: "http://127.0.0.1:0/k8s-audit"}]
container_engines: {docker: {enabled: false}, podman: {enabled: false}, cri: {sockets: [/cri.sock]}}
kubernetes_users: {wait_ms: 4000}
`,
    );
    program = start('falco', ['-U', '-c', config, '--scope', `cgroup:${cgroup.path}`], {
      environment: { HOST_ROOT: scratch.folder },
    });
    const isDecided = (): boolean => /watching/.test(program.err()) || program.child.exitCode !== null;
    await until('the program watches', isDecided, 100_000);
    expect(program.child.exitCode, program.err()).toBe(null);
    url = /reading `k8s_audit` events: (\S+)/.exec(program.err())?.[1] ?? '';
    container = createRuncContainer(cgroup, id, `cri-containerd-${id}.scope`);
    container.run('/bin/busybox echo mark-main; /bin/busybox sleep 100');
    await until('the container runs', () => alertOn('mark-main') !== undefined, 60_000);
  }, 200_000);

  afterAll(async () => {
    program?.child.kill('SIGKILL');
    await program?.ended;
    await stopServer?.();
    await cgroup?.remove();
    container?.remove();
    scratch.remove();
  }, 60_000);

  test('the container’s own programs are nobody’s', () => {
    expect(alertOn('mark-main')?.output_fields).toMatchObject({
      'k8s.pod.name': 'web-0',
      'k8s.user.name': null,
      'k8s.exec.match': null,
    });
  });

  test('the audit event comes first', async () => {
    const words = busybox('echo', 'mark-first');
    const auditId = await audit('alice', words);
    await exec(words);
    await until('the alert is there', () => alertOn('mark-first') !== undefined, 30_000);
    expect(alertOn('mark-first')?.output_fields).toMatchObject({
      'k8s.user.name': 'alice',
      'k8s.user.groups': 'dev,system:authenticated',
      'k8s.exec.match': 'sure',
      'k8s.exec.audit_id': auditId,
    });
    expect(alertOn('mark-first', 'Ran by Alice')).toBeDefined();
  }, 60_000);

  test('the audit event comes later, and the alert waits for it', async () => {
    const words = busybox('echo', 'mark-later');
    const askedMs = Date.now();
    await exec(words);
    expect(alertOn('mark-later')).toBeUndefined();
    await audit('bob', words, askedMs);
    await until('the alert is there', () => alertOn('mark-later') !== undefined, 30_000);
    expect(whoRan('mark-later')).toEqual(['sure', 'bob', 'bob']);
    expect(alertOn('mark-later', 'Ran by Alice')).toBeUndefined();
  }, 60_000);

  test('what the command starts is the user’s as well', async () => {
    const words = busybox('timeout', '20', '/bin/busybox', 'env', '/bin/busybox', 'echo', 'mark-below');
    await audit('alice', words);
    await exec(words);
    await until(
      'the child’s alert is there',
      () => JSON.stringify(alerts()).includes('"proc.args":"echo mark-below'),
      30_000,
    );
    const below = alerts().filter((alert) =>
      /^echo mark-below/.test(String(alert.output_fields['proc.args'])),
    );
    expect(below[0]?.output_fields).toMatchObject({ 'k8s.user.name': 'alice', 'k8s.exec.match': 'sure' });
  }, 60_000);

  test('two at once with different commands are told apart', async () => {
    const [one, two] = [busybox('echo', 'mark-one'), busybox('echo', 'mark-two')];
    await Promise.all([audit('alice', one), audit('bob', two)]);
    await Promise.all([exec(one), exec(two)]);
    await until(
      'both alerts are there',
      () => alertOn('mark-one') !== undefined && alertOn('mark-two') !== undefined,
      30_000,
    );
    expect([whoRan('mark-one'), whoRan('mark-two')]).toEqual([
      ['sure', 'alice', 'alice'],
      ['sure', 'bob', 'bob'],
    ]);
  }, 60_000);

  test('two at once with the same command are said to be ambiguous', async () => {
    const words = busybox('echo', 'mark-same');
    await Promise.all([audit('alice', words), audit('bob', words)]);
    await Promise.all([exec(words), exec(words)]);
    const both = () =>
      alerts().filter(
        ({ rule, output_fields }) => rule === 'Ran' && output_fields['proc.args'] === 'echo mark-same',
      );
    await until('both alerts are there', () => both().length === 2, 30_000);
    expect(
      both().map(({ output_fields }) => [
        output_fields['k8s.exec.match'],
        output_fields['k8s.user.name'],
        output_fields['k8s.exec.users'],
      ]),
    ).toEqual([
      ['ambiguous', null, 'alice,bob'],
      ['ambiguous', null, 'alice,bob'],
    ]);
  }, 60_000);

  test('a command that nobody asked the API server for is unknown', async () => {
    await exec(busybox('echo', 'mark-runtime'));
    await until('the wait is over', () => alertOn('mark-runtime') !== undefined, 30_000);
    expect(whoRan('mark-runtime')).toEqual(['unknown', null, null]);
  }, 60_000);
});
