/** Keys that say who is asked about containers, and how long alerts wait for the answer. */

import { flag, integer, list, optional, schema, text } from '@peregrine/base';

function engine(name: string, sockets: readonly string[]) {
  return schema(
    {
      enabled: flag({ default: true, doc: `Ask ${name} about its containers.` }),
      sockets: list(text({ doc: 'Path of a socket; one part of it may be `*`.' }), {
        default: sockets,
        doc: 'Sockets that are asked, those that are there. With `HOST_ROOT` in the environment, paths are below it.',
      }),
    },
    { doc: `${name}.` },
  );
}

const containerdSockets = [
  '/run/containerd/containerd.sock',
  '/run/k3s/containerd/containerd.sock',
  '/run/host-containerd/containerd.sock',
];

const named = schema({
  enabled: flag({
    default: true,
    doc: 'Accepted: these containers have no more than a name, and are always named.',
  }),
});

export const kubernetesUserKeys = {
  kubernetes_users: schema(
    {
      enabled: flag({
        default: true,
        doc: 'Say in alerts on system calls who had the command run (`kubectl exec`), where the audit log of Kubernetes is read as well.',
      }),
      wait_ms: integer({
        default: 5_000,
        min: 0,
        max: 60_000,
        doc: 'Milliseconds for which alerts on a command wait for the audit event that tells who it was. API servers send events in batches: `--audit-webhook-batch-max-wait`.',
      }),
      wait_capacity: integer({
        default: 4_096,
        min: 1,
        max: 65_536,
        doc: 'Events that may wait at a time. When there are more, the first goes on without what it waited for.',
      }),
    },
    { doc: 'Who runs commands in pods. Not in the reference.' },
  ),
};

export const containerKeys = {
  container_engines: schema(
    {
      docker: engine('Docker', ['/var/run/docker.sock', '/run/docker.sock']),
      podman: engine('Podman', ['/run/podman/podman.sock', '/run/user/*/podman/podman.sock']),
      cri: engine('containerd, CRI-O and other runtimes of Kubernetes', [
        ...containerdSockets,
        '/run/crio/crio.sock',
      ]),
      containerd: engine('containerd, when it is used directly', containerdSockets),
      lxc: named,
      libvirt_lxc: named,
      bpm: named,
      label_max_len: integer({
        default: 100,
        min: 1,
        max: 65_536,
        doc: 'Labels with longer values, in bytes, are left out.',
      }),
      retry_s: integer({
        default: 300,
        min: 1,
        max: 86_400,
        doc: 'Seconds for which a container that no runtime tells of is asked for again and again.',
      }),
      wait_ms: integer({
        default: 5_000,
        min: 0,
        max: 60_000,
        doc: 'Milliseconds for which alerts wait for what they say of a new container; 0: they do not wait, and show `<NA>`.',
      }),
      wait_capacity: integer({
        default: 4_096,
        min: 1,
        max: 65_536,
        doc: 'Events that may wait at a time. When there are more, the first goes on without what it waited for.',
      }),
      node_name: text({
        default: '',
        doc: 'What `k8s.node.name` shows; absent, the environment variable `FALCO_K8S_NODE_NAME`.',
      }),
    },
    { doc: 'Container runtimes. The `init_config` of a plugin called `container` goes before it.' },
  ),
};

const pluginEngine = optional(
  schema({
    enabled: flag({ default: true, doc: 'Ask this runtime.' }),
    sockets: optional(list(text({ doc: 'Path of a socket.' }), { doc: 'Its sockets.' })),
  }),
);

/** What the container plugin of the reference is started with. */
export const containerPluginSchema = schema({
  label_max_len: optional(integer({ min: 1, max: 65_536, doc: 'Bytes of a label’s value.' })),
  with_size: flag({ default: false, doc: 'Accepted: no field shows sizes.' }),
  hooks: optional(
    list(text({ doc: 'A moment.' }), { doc: 'Accepted: containers are asked for when they start.' }),
  ),
  log_level: text({ default: '', doc: 'Accepted.' }),
  host_root: text({ default: '', doc: 'Accepted; `HOST_ROOT` in the environment counts.' }),
  engines: optional(
    schema({
      docker: pluginEngine,
      podman: pluginEngine,
      cri: pluginEngine,
      containerd: pluginEngine,
      lxc: pluginEngine,
      libvirt_lxc: pluginEngine,
      bpm: pluginEngine,
      static: optional(schema({})),
    }),
  ),
});
