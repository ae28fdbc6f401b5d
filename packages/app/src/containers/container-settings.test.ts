import { describe, expect, test } from 'vitest';
import { configOf } from '../../testing/setup.ts';
import { checkConfig } from '../config/config.ts';
import { readYamlTree } from '../config/read-yaml.ts';
import { holdLimits, runtimeSettings } from './container-settings.ts';

const settings = (yaml = '') => runtimeSettings(configOf(yaml), '/host');

const containerdSockets = [
  '/run/containerd/containerd.sock',
  '/run/k3s/containerd/containerd.sock',
  '/run/host-containerd/containerd.sock',
];

test('without a word, the places where runtimes usually are', () => {
  expect(settings()).toEqual({
    sockets: {
      docker: ['/var/run/docker.sock', '/run/docker.sock'],
      podman: ['/run/podman/podman.sock', '/run/user/*/podman/podman.sock'],
      cri: [...containerdSockets, '/run/crio/crio.sock'],
      containerd: containerdSockets,
    },
    hostRoot: '/host',
    bounds: { labelBytes: 100 },
    retryMs: 300_000,
  });
  expect(holdLimits(configOf())).toEqual({ mostMs: 5_000, capacity: 4_096 });
});

test('what `container_engines` says', () => {
  const found = settings(`
container_engines:
  docker: { enabled: false }
  cri: { sockets: [/a.sock] }
  podman: { sockets: [] }
  label_max_len: 20
  retry_s: 7
`);
  expect(found).toMatchObject({ sockets: { docker: [], podman: [], cri: ['/a.sock'] }, retryMs: 7_000 });
  expect(found.bounds.labelBytes).toBe(20);
});

describe('the plugin of the reference goes before', () => {
  const map = `{ label_max_len: 50, engines: { docker: { enabled: true, sockets: [/p.sock] }, cri: { enabled: false } } }`;
  const plugin = (init: string): string =>
    `plugins: [{ name: container, library_path: x.so, init_config: ${init} }]`;

  test.each([
    ['as a map', map],
    [
      'as text',
      `'{"label_max_len":50,"engines":{"docker":{"sockets":["/p.sock"]},"cri":{"enabled":false}}}'`,
    ],
  ])('%s', (_title, init) => {
    const found = settings(`${plugin(init)}\ncontainer_engines: { podman: { sockets: [/q.sock] } }`);
    expect(found).toMatchObject({
      sockets: { docker: ['/p.sock'], podman: ['/q.sock'], cri: [] },
      bounds: { labelBytes: 50 },
    });
  });

  test('containerd has sockets of its own', () => {
    const init = '{ engines: { cri: { sockets: [/c.sock] }, containerd: { sockets: [/d.sock] } } }';
    expect(settings(plugin(init)).sockets).toMatchObject({ cri: ['/c.sock'], containerd: ['/d.sock'] });
  });

  test('a plugin that is not loaded says nothing', () => {
    expect(settings(`${plugin(map)}\nload_plugins: [other]`).sockets.docker).toContain(
      '/var/run/docker.sock',
    );
  });

  test.each([
    ['nothing', "''"],
    ['null', '~'],
  ])('%s', (_title, init) => {
    expect(settings(plugin(init)).sockets.docker).toContain('/var/run/docker.sock');
  });

  test('what is wrong with it is told', () => {
    const told = (init: string): readonly string[] => {
      const { root } = readYamlTree('falco.yaml', plugin(init), (text) => text);
      return root === undefined ? [] : checkConfig(root).diagnostics.map(({ message }) => message);
    };
    expect(told('{ label_max_len: none }')).toEqual([expect.stringMatching(/label_max_len/)]);
    expect(told('{ engine: {} }')).toEqual([expect.stringMatching(/`engine`/)]);
    expect(told(`'{"engines":'`)).toEqual([expect.stringMatching(/not YAML/)]);
  });
});
