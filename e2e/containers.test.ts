/**
 * Containers as a user sees them: real ones, made by runc with cgroups as Docker and Kubernetes name them, and runtimes
 * that tell of them over their own protocols. Watches a cgroup of its own.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCriServer } from '../packages/sources/testing/cri-server.ts';
import { type StopServer, startDockerServer } from '../packages/sources/testing/docker-server.ts';
import { createLiveCgroup, type LiveCgroup, liveObstacle } from '../packages/sources/testing/live-probe.ts';
import {
  createRuncContainer,
  type RuncContainer,
  runcObstacle,
} from '../packages/sources/testing/runc-container.ts';
import { type Running, Scratch, start, until } from './program.ts';

const obstacle = liveObstacle() ?? runcObstacle();
const title = obstacle === undefined ? 'containers' : `containers (skipped: ${obstacle})`;

const ofDocker = 'd0c1'.padEnd(64, '0123456789abcdef');
const ofPod = 'c0de'.padEnd(64, '0123456789abcdef');
const unanswered = 'bad0'.padEnd(64, '0123456789abcdef');
const sandbox = 'f00d'.padEnd(64, '0');

const rules = `
- rule: Entry point
  desc: The first program of a container of one image.
  condition: >
    evt.type = execve and proc.vpid = 1 and container.image.repository = registry.example/web
    and container.privileged = true
  output: >
    %container.id %container.name %container.image.tag %container.ip %container.mounts %container.label[app]
    %k8s.pod.name %k8s.ns.name %k8s.container.name %k8s.pod.label[tier] %k8s.node.name %container.type
  priority: ERROR
- rule: Of another image
  desc: Never.
  condition: evt.type = execve and container.image.repository = registry.example/other
  output: never
  priority: ERROR
- rule: Told of
  desc: A container became known.
  condition: evt.type = container
  output: "%container.id %container.name"
  priority: INFO
- rule: Gone
  desc: A container went.
  condition: evt.type = container_removed
  output: "%container.id %container.name"
  priority: INFO
- rule: Ran
  desc: A program ran in the container, whatever its image.
  condition: evt.type = execve and container.id != host and proc.args startswith sleep
  output: "%container.id %container.image.repository"
  priority: INFO
- rule: Health check
  desc: The runtime looks whether the container is well.
  condition: evt.type = execve and proc.is_container_healthcheck = true
  output: "%container.id %proc.args"
  priority: INFO
- rule: Not the health check
  desc: The same command, from inside.
  condition: evt.type = execve and proc.is_container_healthcheck = false and proc.args = "echo well"
  output: "%container.id %proc.vpid"
  priority: INFO
- rule: Outside
  desc: A program ran outside of the containers.
  condition: evt.type = execve and proc.name = env
  output: outside
  priority: INFO
`;

interface Alert {
  readonly rule: string;
  readonly output_fields: Readonly<Record<string, unknown>>;
}

const image = 'registry.example/web:7';
const dockerAnswer = {
  Id: ofDocker,
  Name: '/web-of-docker',
  Image: 'sha256:ab',
  Config: {
    Image: image,
    Labels: { app: 'shop' },
    Env: ['TOKEN=hunter2'],
    Healthcheck: { Test: ['CMD', '/bin/busybox', 'echo', 'well'] },
  },
  HostConfig: { Privileged: true, NetworkMode: 'bridge' },
  Mounts: [{ Source: '/srv', Destination: '/data', Mode: '', RW: true, Propagation: 'rprivate' }],
  NetworkSettings: { IPAddress: '172.17.0.9' },
};
const podAnswers = {
  containers: [
    {
      id: ofPod,
      sandboxId: sandbox,
      status: {
        metadata: { name: 'web' },
        image: { image },
        labels: { app: 'shop', 'io.kubernetes.container.name': 'web' },
      },
      info: { privileged: true, config: { envs: [{ key: 'TOKEN', value: 'hunter2' }] } },
    },
  ],
  sandboxes: [
    {
      id: sandbox,
      status: {
        metadata: { name: 'web-0', uid: 'u-1', namespace: 'shop' },
        network: { ip: '10.244.0.7' },
        labels: { tier: 'front' },
      },
    },
  ],
};

describe.skipIf(obstacle !== undefined)(title, () => {
  const scratch = new Scratch();
  const servers: StopServer[] = [];
  const containers: RuncContainer[] = [];
  let cgroup: LiveCgroup;
  let program: Running;

  const alerts = (): readonly Alert[] =>
    program
      .out()
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line));
  const fieldsOf = (rule: string, id: string): Readonly<Record<string, unknown>> | undefined =>
    alerts().find((alert) => alert.rule === rule && alert.output_fields['container.id'] === id.slice(0, 12))
      ?.output_fields;

  const run = async (id: string, leaf: string, script: string, probe?: readonly string[]): Promise<void> => {
    const container = createRuncContainer(cgroup, id, leaf);
    containers.push(container);
    const child = container.run(script);
    const ended = new Promise((resolve) => child.once('close', resolve));
    if (probe !== undefined) {
      await until('the container runs', () => alerts().some(({ rule }) => rule === 'Ran'), 20_000);
      const probing = container.exec(probe);
      await new Promise((resolve) => probing.once('close', resolve));
    }
    await ended;
  };

  beforeAll(async () => {
    cgroup = createLiveCgroup();
    const socket = (name: string): string => scratch.path(`${name}.sock`);
    servers.push(
      await startDockerServer({
        socket: socket('docker'),
        answers: {
          [`/containers/${ofDocker}/json`]: dockerAnswer,
          '/images/sha256%3Aab/json': { RepoTags: [image] },
        },
      }),
      await startDockerServer({ socket: socket('podman'), manner: 'hangs' }),
      await startCriServer({ socket: socket('cri'), ...podAnswers }),
    );
    const config = scratch.write(
      'falco.yaml',
      `
rules_files: [${scratch.write('rules.yaml', rules)}]
json_output: true
stdout_output: { enabled: true }
rule_matching: all
container_engines:
  docker: { sockets: [/docker.sock] }
  podman: { sockets: [/podman.sock] }
  cri: { sockets: [/cri.sock] }
  wait_ms: 3000
`,
    );
    program = start('falco', ['-U', '-c', config, '--scope', `cgroup:${cgroup.path}`], {
      environment: { HOST_ROOT: scratch.folder, FALCO_K8S_NODE_NAME: 'worker-3' },
    });
    const isDecided = (): boolean => /watching/.test(program.err()) || program.child.exitCode !== null;
    await until('the program watches', isDecided, 60_000);
    expect(program.child.exitCode, program.err()).toBe(null);
    const probe = ['/bin/busybox', 'echo', 'well'];
    await run(ofDocker, `docker-${ofDocker}.scope`, `/bin/busybox sleep 2; ${probe.join(' ')}; true`, probe);
    await run(ofPod, `cri-containerd-${ofPod}.scope`, '/bin/busybox sleep 0.2; /bin/busybox true');
    await run(unanswered, `libpod-${unanswered}.scope`, '/bin/busybox sleep 0.1; /bin/busybox true');
    const child = cgroup.spawn('/usr/bin/env true');
    await new Promise((resolve) => child.once('close', resolve));
    await until('what runs outside is seen', () => program.out().includes('Outside'), 20_000);
    await until('the wait is over', () => fieldsOf('Ran', unanswered) !== undefined, 20_000);
    program.child.kill('SIGINT');
    await program.ended;
  }, 180_000);

  afterAll(async () => {
    program?.child.kill('SIGKILL');
    for (const stop of servers) await stop();
    for (const container of containers) container.remove();
    await cgroup?.remove();
    scratch.remove();
  });

  test('the first program of a Docker container, with all that Docker knows', () => {
    expect(fieldsOf('Entry point', ofDocker)).toMatchObject({
      'container.name': 'web-of-docker',
      'container.image.tag': '7',
      'container.ip': '172.17.0.9',
      'container.mounts': '/srv:/data::true:rprivate',
      'container.label[app]': 'shop',
      'container.type': 'docker',
      'k8s.pod.name': null,
      'k8s.ns.name': null,
      'k8s.node.name': 'worker-3',
    });
  });

  test('the first program of a container in a pod, with all that the runtime knows', () => {
    expect(fieldsOf('Entry point', ofPod)).toMatchObject({
      'container.name': 'web',
      'container.image.tag': '7',
      'container.ip': '10.244.0.7',
      'container.label[app]': 'shop',
      'container.type': 'containerd',
      'k8s.pod.name': 'web-0',
      'k8s.ns.name': 'shop',
      'k8s.container.name': 'web',
      'k8s.pod.label[tier]': 'front',
    });
  });

  test('a health check is told from the same command that the container runs itself', () => {
    expect(alerts().filter(({ rule }) => rule === 'Health check')).toHaveLength(1);
    expect(fieldsOf('Health check', ofDocker)?.['proc.args']).toBe('echo well');
    expect(fieldsOf('Not the health check', ofDocker)).toBeDefined();
  });

  test('rules hear of containers that come and go', () => {
    for (const id of [ofDocker, ofPod]) {
      expect(fieldsOf('Told of', id)?.['container.name']).toMatch(/^web/);
      expect(fieldsOf('Gone', id)?.['container.name']).toMatch(/^web/);
    }
  });

  test('a runtime that hangs costs its own containers their metadata, after the wait, and nobody else anything', () => {
    expect(fieldsOf('Ran', unanswered)).toMatchObject({ 'container.image.repository': null });
    expect(fieldsOf('Ran', ofDocker)).toMatchObject({ 'container.image.repository': 'registry.example/web' });
    const order = alerts().map(({ rule, output_fields }) => `${rule} ${output_fields['container.id']}`);
    expect(order.indexOf('Outside undefined')).toBeLessThan(order.indexOf(`Ran ${unanswered.slice(0, 12)}`));
  });

  test('nothing else matches, and no secret is shown', () => {
    expect(alerts().some(({ rule }) => rule === 'Of another image')).toBe(false);
    expect(program.out() + program.err()).not.toContain('hunter2');
  });
});
