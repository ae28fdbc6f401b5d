/** Fields of pods that a request would create or change. */

import type { Json } from '@peregrine/base';
import { at, elements, type JsonEvent, member } from '../json/json-event.ts';
import { indexed, type JsonField, keyed, list, text } from '../json/json-field.ts';

type ContainerList = 'containers' | 'initContainers' | 'ephemeralContainers';

const spec = (event: JsonEvent) => at(event.object, 'requestObject', 'spec');
const specPart = (part: string) => (event: JsonEvent) => member(spec(event), part);
const podSecurity = (part: string) => (event: JsonEvent) => at(spec(event), 'securityContext', part);
const present = (value: Json | undefined) => (value === undefined ? undefined : [value]);

function arrayIn(event: JsonEvent, part: string): readonly Json[] | undefined {
  const value = member(spec(event), part);
  return Array.isArray(value) ? value : undefined;
}

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
  const over = (event: JsonEvent) => arrayIn(event, key);
  const security = (part: string, doc: string) =>
    indexed({ doc, over, values: (one) => present(at(one, 'securityContext', part)) });
  const effective = (part: string, doc: string) =>
    indexed({
      doc,
      over,
      values: (one, event) => [at(one, 'securityContext', part) ?? podSecurity(part)(event) ?? 0],
    });
  const fields: Record<string, JsonField> = {
    name: indexed({
      doc: `Names of the pod's ${kind}.`,
      over,
      isAllOrNothing: true,
      values: (one) => present(member(one, 'name')),
    }),
    image: indexed({
      doc: `Images of the pod's ${kind}.`,
      over,
      isAllOrNothing: true,
      values: (one) => present(member(one, 'image')),
    }),
    'image.repository': indexed({
      doc: `Images of the pod's ${kind}, without tag and digest.`,
      over,
      isAllOrNothing: true,
      values: (one) => present(repositoryOf(member(one, 'image'))),
    }),
    command: indexed({
      doc: `Entry commands of the pod's ${kind}, words joined by blanks.`,
      over,
      values: (one) => joined(member(one, 'command')),
    }),
    args: indexed({
      doc: `Arguments of the pod's ${kind}, joined by blanks.`,
      over,
      values: (one) => joined(member(one, 'args')),
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
      values: (one) => present(at(one, 'securityContext', 'capabilities', 'add')),
    }),
  };
  if (key !== 'ephemeralContainers') {
    fields.host_port = indexed({
      doc: `Host ports of the pod's ${kind}; the container port where none is given.`,
      over,
      values: (one) => {
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

const firstContainer = (event: JsonEvent) => elements(specPart('containers')(event))[0];

export const podFields: Readonly<Record<string, JsonField>> = {
  ...containerFields('containers', 'containers'),
  ...containerFields('initContainers', 'init containers'),
  ...containerFields('ephemeralContainers', 'ephemeral containers'),
  'ka.req.container.image': text({
    doc: "Image of the pod's first container; `ka.req.pod.containers.image` sees all.",
    isDeprecated: true,
    value: (event) => member(firstContainer(event), 'image'),
  }),
  'ka.req.container.image.repository': text({
    doc: "Image of the pod's first container, without tag and digest.",
    isDeprecated: true,
    value: (event) => repositoryOf(member(firstContainer(event), 'image')),
  }),
  'ka.req.container.privileged': text({
    doc: 'Whether any container of the pod is privileged.',
    isDeprecated: true,
    value: (event) => {
      const containers = specPart('containers')(event);
      if (!Array.isArray(containers)) return undefined;
      return containers.some((one: Json) => at(one, 'securityContext', 'privileged') === true);
    },
  }),
  'ka.req.container.host_network': text({
    doc: "Whether the pod uses the node's network.",
    isDeprecated: true,
    value: specPart('hostNetwork'),
  }),
  'ka.req.pod.host_ipc': text({ doc: "Whether the pod shares the node's IPC.", value: specPart('hostIPC') }),
  'ka.req.pod.host_network': text({
    doc: "Whether the pod uses the node's network.",
    value: specPart('hostNetwork'),
  }),
  'ka.req.pod.host_pid': text({
    doc: "Whether the pod sees the node's processes.",
    value: specPart('hostPID'),
  }),
  'ka.req.pod.run_as_user': text({ doc: 'User id of the whole pod.', value: podSecurity('runAsUser') }),
  'ka.req.pod.run_as_group': text({ doc: 'Group id of the whole pod.', value: podSecurity('runAsGroup') }),
  'ka.req.pod.fs_group': text({
    doc: "Group id that owns the pod's volumes.",
    value: podSecurity('fsGroup'),
  }),
  'ka.req.pod.supplemental_groups': list({
    doc: "Further group ids of the pod's processes.",
    values: (event) => {
      const groups = podSecurity('supplementalGroups')(event);
      return groups === undefined ? undefined : elements(groups);
    },
  }),
  'ka.req.pod.volumes.hostpath': indexed({
    doc: "Paths of the node that the pod's volumes mount.",
    over: (event) => arrayIn(event, 'volumes'),
    values: (volume) => present(at(volume, 'hostPath', 'path')),
  }),
  'ka.req.pod.volumes.flexvolume_driver': indexed({
    doc: "Drivers of the pod's FlexVolumes.",
    over: (event) => arrayIn(event, 'volumes'),
    values: (volume) => present(at(volume, 'flexVolume', 'driver')),
  }),
  'ka.req.pod.volumes.volume_type': indexed({
    doc: "Kinds of the pod's volumes.",
    examples: ['hostPath'],
    over: (event) => arrayIn(event, 'volumes'),
    values: (volume) =>
      volume !== null && typeof volume === 'object' && !Array.isArray(volume)
        ? Object.keys(volume).filter((key) => key !== 'name')
        : undefined,
  }),
  'ka.req.volume.hostpath': keyed({
    doc: 'Whether a volume mounts that path of the node; a `*` at the end of the path matches what begins so.',
    examples: ['/etc*'],
    value: (event, wanted) => {
      const volumes = arrayIn(event, 'volumes');
      if (volumes === undefined) return undefined;
      return volumes.some((volume) => {
        const path = at(volume, 'hostPath', 'path');
        if (typeof path !== 'string') return false;
        return wanted.endsWith('*') ? path.startsWith(wanted.slice(0, -1)) : path === wanted;
      });
    },
  }),
};
