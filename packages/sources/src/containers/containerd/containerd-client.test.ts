/** containerd without Kubernetes, as ctr and nerdctl use it. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { type ContainerdServerOptions, startContainerdServer } from '../../../testing/containerd-server.ts';
import type { StopServer } from '../../../testing/docker-server.ts';
import type { RuntimeClient } from '../runtime-client.ts';
import { openContainerd } from './containerd-client.ts';
import { containerdMetadata } from './containerd-container.ts';

const folder = mkdtempSync(join(tmpdir(), 'peregrine-containerd-'));
const socket = join(folder, 'containerd.sock');
const bounds = { labelBytes: 100 };

let stop: StopServer = async () => {};
let client: RuntimeClient | undefined;
afterEach(async () => {
  client?.close();
  client = undefined;
  await stop();
});
afterAll(() => rmSync(folder, { recursive: true }));

async function inspect(options: Omit<ContainerdServerOptions, 'socket'>, wanted = 'my-web') {
  stop = await startContainerdServer({ socket, ...options });
  client = await openContainerd({ socket, bounds });
  return client.inspect(wanted, AbortSignal.timeout(10_000));
}

const confined = {
  process: { env: ['PASSWORD=hunter2'], apparmorProfile: 'cri-containerd.apparmor.d' },
  mounts: [
    { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid'] },
    { destination: '/data', type: 'bind', source: '/srv', options: ['rbind', 'ro', 'mode=755'] },
  ],
  linux: {
    rootfsPropagation: 'rslave',
    namespaces: [{ type: 'pid' }, { type: 'ipc' }, { type: 'mount' }],
    maskedPaths: ['/proc/kcore'],
    seccomp: {},
  },
};
const free = { process: {}, mounts: [{ type: 'sysfs', options: ['rw'] }], linux: { namespaces: [] } };
const image = 'docker.io/library/web:1.2';
const namespaces = {
  moby: { 'my-web': { image: 'of docker', spec: {} } },
  default: {},
  tools: {
    'my-web': {
      image,
      labels: { app: 'web', long: 'x'.repeat(101), 'nerdctl/name': 'web-1' },
      spec: confined,
    },
    free: { image: 'busybox', spec: free },
    odd: { image: '', spec: 'no JSON' },
  },
};

test('everything that it tells of a container', async () => {
  const found = await inspect({ namespaces, digests: { [image]: 'sha256:ab' } });
  expect(found).toEqual({
    type: 'containerd',
    metadata: {
      ...{ name: 'web-1', image, imageId: '', imageRepository: 'docker.io/library/web', imageTag: '1.2' },
      ...{ imageDigest: 'sha256:ab', ip: '', cniJson: '', isPodSandbox: false },
      ...{ isPrivileged: false, isHostPid: false, isHostNetwork: true, isHostIpc: false },
      mounts: [
        { source: 'proc', destination: '/proc', mode: '', isWritable: true, propagation: 'rslave' },
        { source: '/srv', destination: '/data', mode: '755', isWritable: false, propagation: 'rslave' },
      ],
      labels: { app: 'web', 'nerdctl/name': 'web-1' },
      ...{ podSandboxId: '', podSandboxLabels: {} },
      ...{ healthcheck: undefined, livenessProbe: undefined, readinessProbe: undefined },
    },
  });
  expect(JSON.stringify(found)).not.toContain('hunter2');
});

test('nothing holds it back: it is privileged', async () => {
  expect((await inspect({ namespaces }, 'free'))?.metadata).toMatchObject({
    ...{ name: 'free', imageRepository: 'busybox', imageTag: '', imageDigest: '' },
    ...{ isPrivileged: true, isHostPid: true },
  });
});

describe('what is no answer', () => {
  test('a specification that is no JSON', async () => {
    expect((await inspect({ namespaces }, 'odd'))?.metadata).toMatchObject({
      isPrivileged: false,
      mounts: [],
    });
  });

  test('a container that only Docker knows, and one that nobody does', async () => {
    expect(await inspect({ namespaces: { moby: namespaces.moby } })).toBeUndefined();
    await stop();
    expect(await inspect({ namespaces }, 'none')).toBeUndefined();
  });

  test('garbage', async () => {
    await expect(inspect({ namespaces, manner: { garbage: new Uint8Array([0x0b]) } })).rejects.toThrow(
      /malformed/,
    );
  });
});

test('whatever a specification holds, metadata come of it', () => {
  const part = fc.jsonValue();
  const spec = fc.record({
    process: part,
    mounts: fc.oneof(part, fc.array(fc.record({ type: part, options: part, source: part }))),
    linux: fc.oneof(part, fc.record({ namespaces: part, maskedPaths: part, rootfsPropagation: part })),
  });
  fc.assert(
    fc.property(spec, fc.string(), (given, id) => {
      expect(
        containerdMetadata({ id, image: id, labels: [], spec: given }, '', bounds).mounts,
      ).toBeInstanceOf(Array);
    }),
  );
});
