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
import { type Running, root, Scratch, start, until } from './program.ts';

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
  readonly output: string;
  readonly source: string;
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
  const port = 20_000 + Math.floor(Math.random() * 20_000);

  const alerts = (): readonly Alert[] =>
    program
      .out()
      .split('\n')
      .slice(0, -1)
      .filter((line) => line.startsWith('{'))
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
    const query = command.map((word) => `command=${encodeURIComponent(word)}&`).join('');
    await tell(user, auditID, 'exec', query, askedMs);
    return auditID;
  }

  async function tell(
    user: string,
    auditID: string,
    subresource: 'exec' | 'attach',
    query: string,
    askedMs = Date.now(),
    stage = 'ResponseStarted',
  ): Promise<void> {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        kind: 'Event',
        apiVersion: 'audit.k8s.io/v1',
        auditID,
        stage,
        verb: 'create',
        requestURI: `/api/v1/namespaces/shop/pods/web-0/${subresource}?${query}container=web`,
        user: { username: user, groups: ['dev', 'system:authenticated'] },
        sourceIPs: ['10.0.0.9'],
        objectRef: { resource: 'pods', namespace: 'shop', name: 'web-0', subresource },
        responseStatus: { code: 101 },
        requestReceivedTimestamp: new Date(askedMs).toISOString(),
        stageTimestamp: new Date(askedMs + 5).toISOString(),
      }),
    });
    expect(response.status).toBe(200);
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
rules_files: [${root}/rules/peregrine_rules.yaml, ${root}/rules/k8s-audit.yaml, ${scratch.write('rules.yaml', rules)}]
append_output: [{suggested_output: true}]
metrics: {enabled: true}
webserver: {enabled: true, listen_port: ${port}, prometheus_metrics_enabled: true}
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
    const address = (): string => /`k8s_audit`.*: (http:\S+)/.exec(program.err())?.[1] ?? '';
    const isReady = (): boolean => program.err().includes('watching') && address() !== '';
    await until('the program watches', () => isReady() || program.child.exitCode !== null, 100_000);
    expect(program.child.exitCode, program.err()).toBe(null);
    url = address();
    container = createRuncContainer(cgroup, id, `cri-containerd-${id}.scope`);
    // What is typed at its terminal, for whoever is attached: here, files that are there.
    container.run(
      '/bin/busybox echo mark-main; while :; do for f in /dev/typed/*; do [ -f $f ] && /bin/busybox echo mark-$(/bin/busybox basename $f) && /bin/busybox rm $f; done; /bin/busybox sleep 0.2; done',
    );
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

  test('a shell that kubecfg opens: the request and the shell give an alert each, joined', async () => {
    const words = ['/bin/sh', '-c', '/bin/busybox'];
    const auditId = await audit('kubecfg', words);
    const child = container.execAtTerminal(words);
    await new Promise((resolve) => child.once('close', resolve));
    const requested = () => alertOn('user=kubecfg', 'Attach/Exec Pod');
    const shell = () => alertOn(auditId, 'Terminal shell in container');
    await until('both alerts are there', () => requested() !== undefined && shell() !== undefined, 60_000);
    expect(requested()).toMatchObject({
      output: expect.stringContaining(
        'Notice Attach/Exec to pod (user=kubecfg pod=web-0 resource=pods ns=shop action=exec command=/bin/sh)',
      ),
      source: 'k8s_audit',
    });
    expect(shell()).toMatchObject({
      output: expect.stringContaining(
        'Notice Shell with a terminal in a container | command=sh -c /bin/busybox',
      ),
      source: 'syscall',
      output_fields: {
        'k8s.user.name': 'kubecfg',
        'k8s.user.groups': 'dev,system:authenticated',
        'k8s.exec.match': 'sure',
        'k8s.exec.audit_id': auditId,
        'k8s.pod.name': 'web-0',
        'k8s.ns.name': 'shop',
      },
    });
  }, 90_000);

  test('while somebody is attached, what the container’s own processes do is theirs', async () => {
    const type = async (name: string): Promise<void> => {
      await exec(busybox('mkdir', '-p', '/dev/typed'));
      await exec(busybox('touch', `/dev/typed/${name}`));
      await until('the alert is there', () => alertOn(`echo mark-${name}`) !== undefined, 60_000);
    };
    await type('before');
    await tell('mallory', 'audit-attach', 'attach', 'stdin=true&tty=true&');
    // The join looks once in a while.
    let count = 0;
    const attached = () => {
      const fields = alertOn(`echo mark-during-${count}`)?.output_fields;
      return fields?.['k8s.exec.match'] === 'attached';
    };
    while (!attached() && count < 20) await type(`during-${++count}`);
    expect(
      alertOn('audit-attach', 'Attach/Exec Pod') ?? alertOn('user=mallory', 'Attach/Exec Pod'),
    ).toBeDefined();
    expect(alertOn(`echo mark-during-${count}`)?.output_fields).toMatchObject({
      'k8s.user.name': 'mallory',
      'k8s.exec.match': 'attached',
      'k8s.exec.audit_id': 'audit-attach',
    });
    await tell('mallory', 'audit-attach', 'attach', 'stdin=true&tty=true&', Date.now(), 'ResponseComplete');
    let after = 0;
    const isFree = () => alertOn(`echo mark-after-${after}`)?.output_fields['k8s.user.name'] === null;
    while (!isFree() && after < 20) await type(`after-${++after}`);
    expect([isFree(), whoRan('echo mark-before')]).toEqual([true, [null, null, null]]);
  }, 180_000);

  test('metrics say what was joined', async () => {
    const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    const of = (line: string): number =>
      Number(new RegExp(`^peregrine_exec_${line} (\\d+)$`, 'm').exec(page)?.[1]);
    expect(of('sessions_total\\{match="sure"\\}')).toBeGreaterThanOrEqual(1);
    expect(of('table_entries\\{table="pods"\\}')).toBe(1);
    expect(of('table_limit\\{table="pods"\\}')).toBe(4_096);
  });

  test('a command that nobody asked the API server for is unknown', async () => {
    await exec(busybox('echo', 'mark-runtime'));
    await until('the wait is over', () => alertOn('mark-runtime') !== undefined, 30_000);
    expect(whoRan('mark-runtime')).toEqual(['unknown', null, null]);
  }, 60_000);
});
