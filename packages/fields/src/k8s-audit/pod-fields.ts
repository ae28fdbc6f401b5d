/** Fields of pods that a request would create or change. */

import type { Json } from '@peregrine/base';
import { type At, elements, member, within } from '../json/json-event.ts';
import { indexed, type JsonField, keyed, list, listAt, part, text } from '../json/json-field.ts';

type ContainerList = 'containers' | 'initContainers' | 'ephemeralContainers';

const specPath = (...path: readonly string[]): readonly string[] => ['requestObject', 'spec', ...path];
const podSecurity = (part: string) => specPath('securityContext', part);
const specList = (part: string) => (at: At) => listAt(at, ...specPath(part));
const present = (value: Json | undefined) => (value === undefined ? undefined : [value]);

/** An image reference without tag and digest; a registry's port stays. */
function repositoryOf(image: Json | undefined): string | undefined {
  if (typeof image !== 'string') return undefined;
  const name = image.split('@', 1)[0] ?? '';
  const colon = name.lastIndexOf(':');
  return colon > name.lastIndexOf('/') ? name.slice(0, colon) : name;
}

function joined(value: Json | undefined): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return [value.map((part) => (typeof part === 'string' ? part : JSON.stringify(part))).join(' ')];
}

function containerFields(key: ContainerList, kind: string): Readonly<Record<string, JsonField>> {
  const over = specList(key);
  const security = (part: string, doc: string) =>
    indexed({ doc, over, values: () => (one) => present(within(one, 'securityContext', part)) });
  const effective = (part: string, doc: string) =>
    indexed({
      doc,
      over,
      values: (at) => {
        const ofPod = at(...podSecurity(part));
        return (one, event) => [within(one, 'securityContext', part) ?? ofPod(event) ?? 0];
      },
    });
  const fields: Record<string, JsonField> = {
    name: indexed({
      doc: `Names of the pod's ${kind}.`,
      over,
      isAllOrNothing: true,
      values: () => (one) => present(member(one, 'name')),
    }),
    image: indexed({
      doc: `Images of the pod's ${kind}.`,
      over,
      isAllOrNothing: true,
      values: () => (one) => present(member(one, 'image')),
    }),
    'image.repository': indexed({
      doc: `Images of the pod's ${kind}, without tag and digest.`,
      over,
      isAllOrNothing: true,
      values: () => (one) => present(repositoryOf(member(one, 'image'))),
    }),
    command: indexed({
      doc: `Entry commands of the pod's ${kind}, words joined by blanks.`,
      over,
      values: () => (one) => joined(member(one, 'command')),
    }),
    args: indexed({
      doc: `Arguments of the pod's ${kind}, joined by blanks.`,
      over,
      values: () => (one) => joined(member(one, 'args')),
    }),
    privileged: security('privileged', `Privileged flags of the pod's ${kind}, where set.`),
    allow_privilege_escalation: security(
      'allowPrivilegeEscalation',
      `Whether processes of the pod's ${kind} may gain privileges, where set.`,
    ),
    read_only_fs: security('readOnlyRootFilesystem', `Read-only root flags of the pod's ${kind}, where set.`),
    proc_mount: security('procMount', `Kinds of /proc mount of the pod's ${kind}, where set.`),
    run_as_user: security('runAsUser', `User ids of the pod's ${kind}, where set.`),
    run_as_group: security('runAsGroup', `Group ids of the pod's ${kind}, where set.`),
    eff_run_as_user: effective(
      'runAsUser',
      `User ids that the pod's ${kind} end up with: own, the pod's, or 0.`,
    ),
    eff_run_as_group: effective(
      'runAsGroup',
      `Group ids that the pod's ${kind} end up with: own, the pod's, or 0.`,
    ),
    add_capabilities: indexed({
      doc: `Capabilities added to the pod's ${kind}: a JSON array for each.`,
      over,
      values: () => (one) => present(within(one, 'securityContext', 'capabilities', 'add')),
    }),
  };
  if (key !== 'ephemeralContainers') {
    fields.host_port = indexed({
      doc: `Host ports of the pod's ${kind}; the container port where none is given.`,
      over,
      values: () => (one) => {
        const ports = member(one, 'ports');
        if (!Array.isArray(ports)) return undefined;
        return ports.flatMap(
          (port: Json) => present(member(port, 'hostPort') ?? member(port, 'containerPort')) ?? [],
        );
      },
    });
  }
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [`ka.req.pod.${key}.${name}`, field]),
  );
}

function firstContainer(at: At, show: (container: Json | undefined) => Json | undefined) {
  const containers = specList('containers')(at);
  return (event: Parameters<typeof containers>[0]) => show(containers(event)?.[0]);
}

export const podFields: Readonly<Record<string, JsonField>> = {
  ...containerFields('containers', 'containers'),
  ...containerFields('initContainers', 'init containers'),
  ...containerFields('ephemeralContainers', 'ephemeral containers'),
  'ka.req.container.image': text({
    doc: "Image of the pod's first container; `ka.req.pod.containers.image` sees all.",
    isDeprecated: true,
    value: (at) => firstContainer(at, (container) => member(container, 'image')),
  }),
  'ka.req.container.image.repository': text({
    doc: "Image of the pod's first container, without tag and digest.",
    isDeprecated: true,
    value: (at) => firstContainer(at, (container) => repositoryOf(member(container, 'image'))),
  }),
  'ka.req.container.privileged': text({
    doc: 'Whether any container of the pod is privileged.',
    isDeprecated: true,
    value: (at) => {
      const containers = specList('containers')(at);
      return (event) =>
        containers(event)?.some((one) => within(one, 'securityContext', 'privileged') === true);
    },
  }),
  'ka.req.container.host_network': part({
    doc: "Whether the pod uses the node's network.",
    isDeprecated: true,
    path: specPath('hostNetwork'),
  }),
  'ka.req.pod.host_ipc': part({ doc: "Whether the pod shares the node's IPC.", path: specPath('hostIPC') }),
  'ka.req.pod.host_network': part({
    doc: "Whether the pod uses the node's network.",
    path: specPath('hostNetwork'),
  }),
  'ka.req.pod.host_pid': part({
    doc: "Whether the pod sees the node's processes.",
    path: specPath('hostPID'),
  }),
  'ka.req.pod.run_as_user': part({ doc: 'User id of the whole pod.', path: podSecurity('runAsUser') }),
  'ka.req.pod.run_as_group': part({ doc: 'Group id of the whole pod.', path: podSecurity('runAsGroup') }),
  'ka.req.pod.fs_group': part({
    doc: "Group id that owns the pod's volumes.",
    path: podSecurity('fsGroup'),
  }),
  'ka.req.pod.supplemental_groups': list({
    doc: "Further group ids of the pod's processes.",
    values: (at) => {
      const groupsOf = at(...podSecurity('supplementalGroups'));
      return (event) => {
        const groups = groupsOf(event);
        return groups === undefined ? undefined : elements(groups);
      };
    },
  }),
  'ka.req.pod.volumes.hostpath': indexed({
    doc: "Paths of the node that the pod's volumes mount.",
    over: specList('volumes'),
    values: () => (volume) => present(within(volume, 'hostPath', 'path')),
  }),
  'ka.req.pod.volumes.flexvolume_driver': indexed({
    doc: "Drivers of the pod's FlexVolumes.",
    over: specList('volumes'),
    values: () => (volume) => present(within(volume, 'flexVolume', 'driver')),
  }),
  'ka.req.pod.volumes.volume_type': indexed({
    doc: "Kinds of the pod's volumes.",
    examples: ['hostPath'],
    over: specList('volumes'),
    values: () => (volume) =>
      volume !== null && typeof volume === 'object' && !Array.isArray(volume)
        ? Object.keys(volume).filter((key) => key !== 'name')
        : undefined,
  }),
  'ka.req.volume.hostpath': keyed({
    doc: 'Whether a volume mounts that path of the node; a `*` at the end of the path matches what begins so.',
    examples: ['/etc*'],
    value: (at, wanted) => {
      const volumes = specList('volumes')(at);
      const mounts = (volume: Json): boolean => {
        const path = within(volume, 'hostPath', 'path');
        if (typeof path !== 'string') return false;
        return wanted.endsWith('*') ? path.startsWith(wanted.slice(0, -1)) : path === wanted;
      };
      return (event) => volumes(event)?.some(mounts);
    },
  }),
};
