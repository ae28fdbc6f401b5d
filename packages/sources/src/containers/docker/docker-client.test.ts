/** Docker and Podman as they answer: a server on a local socket with their JSON. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import {
  type DockerServerOptions,
  type StopServer,
  startDockerServer,
} from '../../../testing/docker-server.ts';
import { openDocker, openPodman } from './docker-client.ts';

const folder = mkdtempSync(join(tmpdir(), 'peregrine-docker-'));
const socket = join(folder, 'docker.sock');
const id = '5892b41bcf46aa4d5f2b7b1f8d3a9c0e6d7f8a9b0c1d2e3f405162738495a6b7';
const image = 'sha256:0ca0fed353fb77c247abada85aebc667fd1f5fa0b5f6ab1efb26867ba18f2f0a';
const digest = 'sha256:b9ff6f23cceb5bde20bb1f79b492b98d71ef7a7ae518ca1b15b26661a11e6a94';

let stop: StopServer = async () => {};
afterEach(() => stop());
afterAll(() => rmSync(folder, { recursive: true }));

async function inspect(options: Omit<DockerServerOptions, 'socket'>, open = openDocker) {
  stop = await startDockerServer({ socket, ...options });
  const client = open({ socket, bounds: { labelBytes: 100 } });
  return client.inspect(id, AbortSignal.timeout(10_000));
}

const dockerContainer = {
  Id: id,
  Name: '/web',
  Image: image,
  Config: {
    Image: 'registry.example:5000/team/web:1.2',
    Env: ['PASSWORD=hunter2'],
    Labels: { app: 'web', long: 'x'.repeat(101), empty: '' },
    Healthcheck: { Test: ['CMD-SHELL', 'curl -f localhost'] },
  },
  HostConfig: { Privileged: true, NetworkMode: 'bridge', PidMode: 'host', IpcMode: 'private' },
  Mounts: [
    { Type: 'bind', Source: '/srv', Destination: '/data', Mode: 'ro', RW: false, Propagation: 'rprivate' },
    { Type: 'volume', Name: 'v', Source: '/var/lib/docker/volumes/v/_data', Destination: '/v', RW: true },
  ],
  NetworkSettings: {
    IPAddress: '',
    Networks: { b: { IPAddress: '10.0.0.9' }, a: { IPAddress: '10.0.0.2' } },
  },
};
const dockerImage = {
  Id: image,
  RepoDigests: [`registry.example:5000/team/web@${digest}`],
  RepoTags: ['registry.example:5000/team/web:latest', 'registry.example:5000/team/web:1.2'],
};
const answers = {
  [`/containers/${id}/json`]: dockerContainer,
  [`/images/${encodeURIComponent(image)}/json`]: dockerImage,
};

test('everything that Docker tells of a container', async () => {
  expect(await inspect({ answers })).toEqual({
    type: 'docker',
    metadata: {
      name: 'web',
      image: 'registry.example:5000/team/web:1.2',
      imageId: image.slice('sha256:'.length),
      imageRepository: 'registry.example:5000/team/web',
      imageTag: '1.2',
      imageDigest: digest,
      ip: '10.0.0.2',
      cniJson: '',
      isPrivileged: true,
      isHostPid: true,
      isHostNetwork: false,
      isHostIpc: false,
      isPodSandbox: false,
      mounts: [
        { source: '/srv', destination: '/data', mode: 'ro', isWritable: false, propagation: 'rprivate' },
        {
          source: '/var/lib/docker/volumes/v/_data',
          destination: '/v',
          mode: '',
          isWritable: true,
          propagation: '',
        },
      ],
      labels: { app: 'web', empty: '' },
      podSandboxId: '',
      podSandboxLabels: {},
      healthcheck: { exe: '/bin/sh', args: ['-c', 'curl -f localhost'] },
      livenessProbe: undefined,
      readinessProbe: undefined,
    },
  });
});

test('the environment is nowhere in it', async () => {
  expect(JSON.stringify(await inspect({ answers }))).not.toContain('hunter2');
});

test('an image that is gone, and one without a name', async () => {
  const gone = await inspect({ answers: { [`/containers/${id}/json`]: dockerContainer } });
  expect(gone?.metadata).toMatchObject({ image: 'registry.example:5000/team/web:1.2', imageRepository: '' });
  await stop();
  const unnamed = {
    ...answers,
    [`/images/${encodeURIComponent(image)}/json`]: { RepoTags: [], RepoDigests: null },
  };
  expect((await inspect({ answers: unnamed }))?.metadata).toMatchObject({ imageTag: '', imageDigest: '' });
});

test('the address of the container whose network it shares', async () => {
  const sharing = { ...dockerContainer, HostConfig: { NetworkMode: 'container:owner' }, NetworkSettings: {} };
  const both = {
    ...answers,
    [`/containers/${id}/json`]: sharing,
    '/containers/owner/json': { Id: 'owner', NetworkSettings: { IPAddress: '10.0.0.7' } },
  };
  expect((await inspect({ answers: both }))?.metadata.ip).toBe('10.0.0.7');
});

test('probes that the kubelet of old left in a label', async () => {
  const pod = { spec: { containers: [{ livenessProbe: { exec: { command: ['/live', '-q'] } } }] } };
  const Config = {
    ...dockerContainer.Config,
    Labels: { 'io.kubernetes.container.last-applied-config': JSON.stringify(pod) },
  };
  const found = await inspect({
    answers: { ...answers, [`/containers/${id}/json`]: { ...dockerContainer, Config } },
  });
  expect(found?.metadata).toMatchObject({
    livenessProbe: { exe: '/live', args: ['-q'] },
    readinessProbe: undefined,
    healthcheck: undefined,
  });
});

test('Podman tells of the image with the container', async () => {
  const podmanContainer = {
    ...dockerContainer,
    Name: 'web',
    Image: image.slice('sha256:'.length),
    ImageName: 'docker.io/library/web:1.2',
    ImageDigest: digest,
  };
  const found = await inspect(
    { answers: { [`/v4.0.0/libpod/containers/${id}/json`]: podmanContainer } },
    openPodman,
  );
  expect(found).toMatchObject({
    type: 'podman',
    metadata: { name: 'web', imageRepository: 'docker.io/library/web', imageTag: '1.2', imageDigest: digest },
  });
});

describe('what is no answer', () => {
  test('a container that it does not know', async () => {
    expect(await inspect({})).toBeUndefined();
  });

  test.each([
    ['no JSON', { answers: { [`/containers/${id}/json`]: '{"Id":' } }, /no JSON object/],
    ['a list', { answers: { [`/containers/${id}/json`]: '[]' } }, /no JSON object/],
    ['another container', { answers: { [`/containers/${id}/json`]: { Id: 'x' } } }, /another container/],
    [
      'more than it takes',
      { answers: { [`/containers/${id}/json`]: `"${'x'.repeat(5_000_000)}"` } },
      /longer than/,
    ],
    ['an answer that breaks off', { manner: 'breaks off' as const }, /aborted|hang up/],
  ])('%s', async (_title, options, reason) => {
    await expect(inspect(options)).rejects.toThrow(reason);
  });

  test('nobody there', async () => {
    const client = openDocker({ socket: join(folder, 'none'), bounds: { labelBytes: 100 } });
    await expect(client.inspect(id, AbortSignal.timeout(10_000))).rejects.toThrow(/ENOENT/);
  });

  test('a server that hangs is left', async () => {
    stop = await startDockerServer({ socket, manner: 'hangs' });
    const waiting = new AbortController();
    const asked = openDocker({ socket, bounds: { labelBytes: 100 } }).inspect(id, waiting.signal);
    waiting.abort();
    await expect(asked).rejects.toThrow(/abort/);
  });
});
