import { describe, expect, test } from 'vitest';
import { CAT, createWorld, START_NS, type World } from '../testing/world.ts';

const CLOSE = 5;
const ASYNC = 402;
const ID = '5892b41bcf46aa4d5f2b7b1f8d3a9c0e6d7f8a9b0c1d2e3f405162738495a6b7';

function containerWorld(): World {
  const world = createWorld();
  world.process({
    tid: CAT,
    comm: 'cat',
    cgroups: `memory=/docker/${ID}\0`,
    pidnsInitStartNs: START_NS - 60n,
  });
  world.process({ tid: 300, comm: 'sh', cgroups: 'memory=/user.slice\0' });
  world.settle();
  return world;
}

const metadata = {
  id: ID.slice(0, 12),
  full_id: ID,
  type: 0,
  name: 'web',
  image: 'nginx:1.27',
  imageid: 'abc',
  imagerepo: 'nginx',
  imagetag: '1.27',
  imagedigest: 'sha256:1',
  ip: '172.17.0.2',
  privileged: true,
  Mounts: [
    { Source: '/srv', Destination: '/data', Mode: 'ro', RW: false, Propagation: 'rprivate' },
    { Source: '/tmp', Destination: '/tmp', Mode: '', RW: true, Propagation: '' },
  ],
  labels: {
    tier: 'front',
    app: 'web',
    bare: '',
    long: 'x'.repeat(101),
    'annotation.a': '1',
    'io.kubernetes.pod.name': 'web-0',
    'io.kubernetes.pod.namespace': 'shop',
    'io.kubernetes.pod.uid': 'u-1',
    'io.kubernetes.container.name': 'server',
  },
  pod_sandbox_id: ID,
  pod_sandbox_labels: { app: 'web' },
};

const onHost: readonly [field: string, value: unknown][] = [
  ['container.id', 'host'],
  ['container.full_id', 'host'],
  ['container.name', 'host'],
  ['container.type', 'host'],
  ['container.image', ''],
  ['container.image.repository', ''],
  ['container.labels', ''],
  ['container.label[app]', null],
  ['container.mount[0]', null],
  ['container.privileged', false],
  ['container.start_ts', null],
  ['container.duration', null],
  ['k8s.ns.name', null],
  ['k8s.pod.sandbox_id', ''],
  ['k8s.deployment.name', null],
  ['proc.is_container_healthcheck', null],
];

const known: readonly [field: string, value: unknown][] = [
  ['container.id', '5892b41bcf46'],
  ['container.full_id', ID],
  ['container.name', 'web'],
  ['container.type', 'docker'],
  ['container.image', 'nginx:1.27'],
  ['container.image.repository', 'nginx'],
  ['container.image.tag', '1.27'],
  ['container.image.digest', 'sha256:1'],
  ['container.ip', '172.17.0.2'],
  ['container.privileged', true],
  ['container.host_pid', false],
  ['container.mounts', '/srv:/data:ro:false:rprivate,/tmp:/tmp::true:'],
  ['container.mount[1]', '/tmp:/tmp::true:'],
  ['container.mount[/srv]', '/srv:/data:ro:false:rprivate'],
  ['container.mount[/data]', null],
  ['container.mount.dest[/s*]', '/data'],
  ['container.mount.source[/d?ta]', '/srv'],
  ['container.mount.source[/data]', '/srv'],
  ['container.mount.rdwr[0]', 'false'],
  ['container.mount[7]', null],
  ['container.labels', 'app:web, bare, tier:front'],
  ['container.label[tier]', 'front'],
  ['container.label[constructor]', null],
  ['k8s.container.name', 'server'],
  ['k8s.pod.ip', '172.17.0.2'],
  ['k8s.node.name', null],
  ['proc.is_container_healthcheck', null],
  ['k8s.pod.name', 'web-0'],
  ['k8s.ns.name', 'shop'],
  ['k8s.pod.uid', 'u-1'],
  ['k8s.pod.sandbox_id', '5892b41bcf46'],
  ['k8s.pod.full_sandbox_id', ID],
  ['k8s.pod.labels', 'app:web'],
  ['k8s.pod.label[app]', 'web'],
];

describe('on the host', () => {
  test.each(onHost)('%s', (field, value) => {
    const world = containerWorld();
    expect(world.show(field, world.apply({ code: CLOSE, tid: 300, params: [0n, 1n] }))).toEqual(value);
  });
});

describe('in a container before its metadata are there', () => {
  test.each([
    ['container.id', '5892b41bcf46'],
    ['container.name', null],
    ['container.type', null],
    ['container.full_id', null],
    ['container.image.repository', null],
    ['container.privileged', null],
    ['k8s.pod.sandbox_id', null],
    ['container.start_ts', START_NS - 60n],
    ['container.duration', 60],
  ] as const)('%s', (field, value) => {
    const world = containerWorld();
    expect(world.show(field, world.apply({ code: CLOSE, tid: CAT, params: [0n, 1n] }))).toEqual(value);
  });
});

describe('in a container whose metadata came with an event', () => {
  test.each(known)('%s', (field, value) => {
    const world = containerWorld();
    const json = JSON.stringify({ container: metadata });
    const told = world.apply({ code: ASYNC, params: [0, 'container', Buffer.from(json)] });
    expect([world.show('evt.type', told), world.show('evt.is_async', told)]).toEqual(['container', true]);
    expect(world.show(field, world.apply({ code: CLOSE, tid: CAT, params: [0n, 1n] }))).toEqual(value);
  });
});

describe('a field of the event that tells of a container', () => {
  test.each([
    ['container.id', '5892b41bcf46'],
    ['container.name', 'web'],
    ['container.type', 'docker'],
    ['container.privileged', true],
    ['k8s.ns.name', 'shop'],
    ['proc.name', null],
    ['container.start_ts', null],
  ] as const)('%s', (field, value) => {
    const world = createWorld();
    const params = (name: string) => [0, name, Buffer.from(JSON.stringify({ container: metadata }))];
    expect(world.show(field, world.apply({ code: ASYNC, params: params('container') }))).toEqual(value);
    const removed = world.apply({ code: ASYNC, params: params('container_removed') });
    expect(world.show(field, removed)).toEqual(value);
    const other = world.apply({ code: ASYNC, params: [0, 'other', Buffer.from('{}')] });
    expect(world.show(field, other)).toBeNull();
  });
});

test('a container outside of pods has no address of a pod', () => {
  const world = containerWorld();
  const { labels: _labels, pod_sandbox_id: _id, ...plain } = metadata;
  world.apply({ code: ASYNC, params: [0, 'container', Buffer.from(JSON.stringify({ container: plain }))] });
  const event = world.apply({ code: CLOSE, tid: CAT, params: [0n, 1n] });
  expect([world.show('container.ip', event), world.show('k8s.pod.ip', event)]).toEqual(['172.17.0.2', null]);
});

test('the node has the name that it is given', () => {
  const world = createWorld({ nodeName: 'wörker-3' });
  expect(world.show('k8s.node.name', world.apply({ code: CLOSE, tid: 1, params: [0n, 1n] }))).toBe(
    'wörker-3',
  );
});

describe('probes', () => {
  const probe = { exe: '/bin/sh', args: ['-c', 'curl localhost'] };
  const args = '-c\0curl localhost\0';
  const inside = { cgroups: `memory=/docker/${ID}\0` };

  function probeWorld(): World {
    const world = createWorld();
    world.process({ tid: 10, comm: 'shim' });
    world.process({ tid: 20, ptid: 10, vpid: 1, vtid: 1, comm: 'web', exe: '/bin/web', ...inside });
    world.process({ tid: 30, ptid: 10, vpid: 7, vtid: 7, comm: 'sh', exe: '/bin/sh', args, ...inside });
    world.process({ tid: 31, ptid: 30, vpid: 8, vtid: 8, comm: 'curl', exe: 'curl', ...inside });
    world.process({ tid: 40, ptid: 20, vpid: 9, vtid: 9, comm: 'sh', exe: '/bin/sh', args, ...inside });
    world.settle();
    const container = { ...metadata, Healthcheck: probe, LivenessProbe: { exe: '/bin/live', args: [] } };
    world.apply({ code: ASYNC, params: [0, 'container', Buffer.from(JSON.stringify({ container }))] });
    return world;
  }

  test.each([
    ['the probe', 30, true],
    ['what the probe starts', 31, true],
    ['the first process', 20, false],
    ['the same command, started from inside', 40, false],
  ] as const)('%s', (_title, tid, verdict) => {
    const world = probeWorld();
    const event = world.apply({ code: CLOSE, tid, params: [0n, 1n] });
    expect(world.show('proc.is_container_healthcheck', event)).toBe(verdict);
    expect(world.show('proc.is_container_liveness_probe', event)).toBe(false);
    expect(world.show('proc.is_container_readiness_probe', event)).toBeNull();
    expect(world.show('container.healthcheck', event)).toBe('/bin/sh -c curl localhost');
  });
});
