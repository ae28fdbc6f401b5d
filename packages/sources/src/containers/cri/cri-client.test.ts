/** containerd and CRI-O as they answer: a gRPC server on a local socket. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { type CriServerOptions, startCriServer } from '../../../testing/cri-server.ts';
import type { StopServer } from '../../../testing/docker-server.ts';
import type { RuntimeClient } from '../runtime-client.ts';
import { openCri } from './cri-client.ts';

const folder = mkdtempSync(join(tmpdir(), 'peregrine-cri-'));
const socket = join(folder, 'cri.sock');
const bounds = { labelBytes: 100 };
const id = '5892b41bcf46aa4d5f2b7b1f8d3a9c0e6d7f8a9b0c1d2e3f405162738495a6b7';
const sandboxId = 'f00d'.padEnd(64, '0');
const digest = 'sha256:b9ff6f23cceb5bde20bb1f79b492b98d71ef7a7ae518ca1b15b26661a11e6a94';

let stop: StopServer = async () => {};
let client: RuntimeClient | undefined;
afterEach(async () => {
  client?.close();
  client = undefined;
  await stop();
});
afterAll(() => rmSync(folder, { recursive: true }));

async function inspect(options: Omit<CriServerOptions, 'socket'>, wanted = id) {
  stop = await startCriServer({ socket, ...options });
  client = await openCri({ socket, bounds });
  return client.inspect(wanted, AbortSignal.timeout(10_000));
}

const pod = {
  spec: {
    containers: [
      { name: 'other', livenessProbe: { exec: { command: ['/no'] } } },
      {
        name: 'web',
        readinessProbe: { exec: { command: ['cat', '/ready'] } },
        livenessProbe: { httpGet: {} },
      },
    ],
  },
};

const container = {
  id,
  sandboxId,
  status: {
    metadata: { name: 'web', attempt: 2 },
    state: 1,
    created_at: '1764000000000000000',
    image: { image: 'registry.example:5000/team/web:1.2' },
    image_ref: `registry.example:5000/team/web@${digest}`,
    image_id: 'sha256:0ca0fed3',
    labels: { 'io.kubernetes.container.name': 'web', app: 'web', long: 'x'.repeat(101) },
    mounts: [
      { container_path: '/data', host_path: '/srv', readonly: true, propagation: 1 },
      { container_path: '/tmp', host_path: '/tmp', propagation: 7 },
    ],
  },
  info: {
    config: {
      image: { image: 'sha256:0ca0fed353fb' },
      envs: [{ key: 'PASSWORD', value: 'hunter2' }],
      linux: { security_context: { privileged: true } },
    },
    runtimeSpec: { process: { env: ['PASSWORD=hunter2'] }, annotations: {} },
  },
};
const sandbox = {
  id: sandboxId,
  status: {
    metadata: { name: 'web-0', uid: 'u-1', namespace: 'shop' },
    network: { ip: '10.244.0.7' },
    linux: { namespaces: { options: { network: 2, pid: 1, ipc: 0 } } },
    labels: { tier: 'front' },
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(pod) },
  },
  info: { cniResult: { Interfaces: { lo: { Mac: '' }, eth0: { IPConfigs: [{ IP: '10.244.0.7' }] } } } },
};

const known = {
  type: 'containerd',
  metadata: {
    name: 'web',
    image: 'registry.example:5000/team/web:1.2',
    imageId: '0ca0fed353fb',
    imageRepository: 'registry.example:5000/team/web',
    imageTag: '1.2',
    imageDigest: digest,
    ip: '10.244.0.7',
    cniJson: '{"eth0":{"IPConfigs":[{"IP":"10.244.0.7"}]}}',
    isPrivileged: true,
    isHostPid: false,
    isHostNetwork: true,
    isHostIpc: false,
    isPodSandbox: false,
    mounts: [
      { source: '/srv', destination: '/data', mode: '', isWritable: false, propagation: 'rslave' },
      { source: '/tmp', destination: '/tmp', mode: '', isWritable: true, propagation: 'unknown' },
    ],
    labels: {
      app: 'web',
      'io.kubernetes.container.name': 'web',
      'io.kubernetes.sandbox.id': sandboxId,
      'io.kubernetes.pod.uid': 'u-1',
      'io.kubernetes.pod.name': 'web-0',
      'io.kubernetes.pod.namespace': 'shop',
    },
    podSandboxId: sandboxId,
    podSandboxLabels: { tier: 'front' },
    healthcheck: undefined,
    livenessProbe: undefined,
    readinessProbe: { exe: 'cat', args: ['/ready'] },
  },
};

test('everything that a runtime tells of a container in a pod', async () => {
  const found = await inspect({ containers: [container], sandboxes: [sandbox] });
  expect(found).toEqual(known);
  expect(JSON.stringify(found)).not.toContain('hunter2');
});

test('a runtime that only knows the version before', async () => {
  const asked: string[] = [];
  const options = {
    containers: [container],
    sandboxes: [sandbox],
    onQuestion: (method: string) => asked.push(method),
  };
  expect(await inspect({ version: 'v1alpha2', ...options })).toEqual(known);
  expect(await client?.inspect(id, AbortSignal.timeout(10_000))).toEqual(known);
  expect(asked.filter((method) => method === 'Version')).toHaveLength(1);
});

test('CRI-O: the name of the image is an annotation, and so is what the network plugin made', async () => {
  const annotations = { 'io.kubernetes.cri-o.ImageName': 'quay.io/team/web:3' };
  const found = await inspect({
    runtimeName: 'cri-o',
    containers: [
      {
        ...container,
        status: { ...container.status, image: { image: 'sha256:0ca0' }, image_ref: digest },
        info: { privileged: true, runtimeSpec: { annotations } },
      },
    ],
    sandboxes: [
      {
        ...sandbox,
        info: { runtimeSpec: { annotations: { 'io.kubernetes.cri-o.CNIResult': '{"ips":[]}' } } },
      },
    ],
  });
  expect(found).toMatchObject({
    type: 'cri-o',
    metadata: {
      image: 'quay.io/team/web:3',
      imageRepository: 'quay.io/team/web',
      imageTag: '3',
      imageDigest: digest,
      imageId: '0ca0fed3',
      isPrivileged: true,
      cniJson: '{"ips":[]}',
    },
  });
});

test("the container that holds a pod's namespaces", async () => {
  const found = await inspect(
    { runtimeName: 'other', containers: [container], sandboxes: [sandbox] },
    sandboxId,
  );
  expect(found).toMatchObject({
    type: 'cri',
    metadata: { name: 'web-0', image: '', isPodSandbox: true, ip: '10.244.0.7', podSandboxId: sandboxId },
  });
  expect(found?.metadata.labels['io.kubernetes.pod.namespace']).toBe('shop');
});

test('a pod that is gone already leaves what the container tells', async () => {
  const found = await inspect({ containers: [container] });
  expect(found?.metadata).toMatchObject({
    name: 'web',
    ip: '',
    podSandboxId: sandboxId,
    podSandboxLabels: {},
  });
});

test('info that is no JSON', async () => {
  const found = await inspect({ containers: [{ ...container, info: '{"config":' }], sandboxes: [sandbox] });
  expect(found?.metadata).toMatchObject({ name: 'web', isPrivileged: false, imageId: '0ca0fed3' });
});

describe('what is no answer', () => {
  test('a container that it does not know', async () => {
    expect(await inspect({})).toBeUndefined();
  });

  test('garbage', async () => {
    const garbage = new Uint8Array([0x0a, 0xff, 0xff, 0x03, 0x01]);
    await expect(inspect({ manner: { garbage } })).rejects.toThrow(/malformed/);
  });

  test('more than it takes', async () => {
    await expect(inspect({ manner: { garbage: new Uint8Array(5_000_000) } })).rejects.toThrow(/larger than/);
  });

  test('nobody there', async () => {
    client = await openCri({ socket: join(folder, 'none'), bounds });
    await expect(client.inspect(id, AbortSignal.timeout(10_000))).rejects.toThrow(/ENOENT|No connection/);
  });

  test('a server that hangs is left', async () => {
    const waiting = new AbortController();
    stop = await startCriServer({
      socket,
      manner: 'hangs',
      onQuestion: () => waiting.abort(new Error('enough')),
    });
    client = await openCri({ socket, bounds });
    await expect(client.inspect(id, waiting.signal)).rejects.toThrow('enough');
  });

  test('a container of which nothing is told but its id', async () => {
    stop = await startCriServer({ socket, version: 'v1', containers: [{ ...container, status: {} }] });
    client = await openCri({ socket, bounds });
    expect((await client.inspect(id, AbortSignal.timeout(10_000)))?.metadata).toMatchObject({
      name: '',
      image: '',
    });
  });
});

test('a server that restarts is found again', async () => {
  expect(await inspect({ containers: [container], sandboxes: [sandbox] })).toEqual(known);
  await stop();
  await expect(client?.inspect(id, AbortSignal.timeout(10_000))).rejects.toThrow();
  stop = await startCriServer({ socket, containers: [container], sandboxes: [sandbox] });
  let again: unknown;
  while (again === undefined)
    again = await client
      ?.inspect(id, AbortSignal.timeout(10_000))
      .catch(() => new Promise((resolve) => setTimeout(resolve, 20, undefined)));
  expect(again).toEqual(known);
});
