/** Fields of pods that a request would create or change. */

import { documentIn } from '@peregrine/base';
import type { JsonNode } from '@peregrine/events';
import type { At, JsonEvent, Shown } from '../json/json-event.ts';
import { indexed, type JsonField, keyed, list, part, text } from '../json/json-field.ts';

type ContainerList = 'containers' | 'initContainers' | 'ephemeralContainers';

const specPath = (...path: readonly string[]): readonly string[] => ['requestObject', 'spec', ...path];
const podSecurity = (part: string) => specPath('securityContext', part);
const specList = (part: string) => (at: At) => at.items(...specPath(part));
const present = (value: Shown | undefined) => (value === undefined ? undefined : [value]);

/** An image reference without tag and digest; a registry's port stays. */
function repositoryOf(container: JsonNode | undefined): string | undefined {
  const image = container?.member('image');
  if (image?.kind !== 'text') return undefined;
  const name = image.textAt().split('@', 1)[0] ?? '';
  const colon = name.lastIndexOf(':');
  return colon > name.lastIndexOf('/') ? name.slice(0, colon) : name;
}

function joined(words: JsonNode | undefined): readonly string[] | undefined {
  if (words?.kind !== 'list') return undefined;
  const texts = words
    .items()
    .map((word) => (word.kind === 'text' ? word.textAt() : JSON.stringify(word.value())));
  return [texts.join(' ')];
}

function containerFields(key: ContainerList, kind: string): Readonly<Record<string, JsonField>> {
  const over = specList(key);
  const security = (part: string, doc: string) =>
    indexed({ doc, over, values: () => (one) => present(one.at('securityContext', part)) });
  const effective = (part: string, doc: string) =>
    indexed({
      doc,
      over,
      values: (at) => {
        const ofPod = at(...podSecurity(part));
        return (one, event) => [one.at('securityContext', part) ?? ofPod(event) ?? 0];
      },
    });
  const fields: Record<string, JsonField> = {
    name: indexed({
      doc: `Names of the pod's ${kind}.`,
      over,
      isAllOrNothing: true,
      values: () => (one) => present(one.member('name')),
    }),
    image: indexed({
      doc: `Images of the pod's ${kind}.`,
      over,
      isAllOrNothing: true,
      values: () => (one) => present(one.member('image')),
    }),
    'image.repository': indexed({
      doc: `Images of the pod's ${kind}, without tag and digest.`,
      over,
      isAllOrNothing: true,
      values: () => (one) => present(repositoryOf(one)),
    }),
    command: indexed({
      doc: `Entry commands of the pod's ${kind}, words joined by blanks.`,
      over,
      values: () => (one) => joined(one.member('command')),
    }),
    args: indexed({
      doc: `Arguments of the pod's ${kind}, joined by blanks.`,
      over,
      values: () => (one) => joined(one.member('args')),
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
      values: () => (one) => present(one.at('securityContext', 'capabilities', 'add')),
    }),
  };
  if (key !== 'ephemeralContainers') {
    fields.host_port = indexed({
      doc: `Host ports of the pod's ${kind}; the container port where none is given.`,
      over,
      values: () => (one) => {
        const ports = one.member('ports');
        if (ports?.kind !== 'list') return undefined;
        return ports.items().flatMap((port) => port.member('hostPort') ?? port.member('containerPort') ?? []);
      },
    });
  }
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [`ka.req.pod.${key}.${name}`, field]),
  );
}

function firstContainer(at: At, show: (container: JsonNode | undefined) => Shown | undefined) {
  const containers = specList('containers')(at);
  return (event: JsonEvent) => show(containers(event)?.[0]);
}

export const podFields: Readonly<Record<string, JsonField>> = {
  ...containerFields('containers', 'containers'),
  ...containerFields('initContainers', 'init containers'),
  ...containerFields('ephemeralContainers', 'ephemeral containers'),
  'ka.req.container.image': text({
    doc: "Image of the pod's first container; `ka.req.pod.containers.image` sees all.",
    isDeprecated: true,
    value: (at) => firstContainer(at, (container) => container?.member('image')),
  }),
  'ka.req.container.image.repository': text({
    doc: "Image of the pod's first container, without tag and digest.",
    isDeprecated: true,
    value: (at) => firstContainer(at, repositoryOf),
  }),
  'ka.req.container.privileged': text({
    doc: 'Whether any container of the pod is privileged.',
    isDeprecated: true,
    value: (at) => {
      const containers = specList('containers')(at);
      return (event) =>
        containers(event)?.some((one) => one.at('securityContext', 'privileged')?.value() === true);
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
    values: (at) => at.itemsOrNone(...podSecurity('supplementalGroups')),
  }),
  'ka.req.pod.volumes.hostpath': indexed({
    doc: "Paths of the node that the pod's volumes mount.",
    over: specList('volumes'),
    values: () => (volume) => present(volume.at('hostPath', 'path')),
  }),
  'ka.req.pod.volumes.flexvolume_driver': indexed({
    doc: "Drivers of the pod's FlexVolumes.",
    over: specList('volumes'),
    values: () => (volume) => present(volume.at('flexVolume', 'driver')),
  }),
  'ka.req.pod.volumes.volume_type': indexed({
    doc: "Kinds of the pod's volumes.",
    examples: ['hostPath'],
    over: specList('volumes'),
    values: () => (volume) =>
      volume.kind === 'object'
        ? Object.keys(documentIn(volume.value()) ?? {}).filter((key) => key !== 'name')
        : undefined,
  }),
  'ka.req.volume.hostpath': keyed({
    doc: 'Whether a volume mounts that path of the node; a `*` at the end of the path matches what begins so.',
    examples: ['/etc*'],
    value: (at, wanted) => {
      const volumes = specList('volumes')(at);
      const mounts = (volume: JsonNode): boolean => {
        const path = volume.at('hostPath', 'path')?.value();
        if (typeof path !== 'string') return false;
        return wanted.endsWith('*') ? path.startsWith(wanted.slice(0, -1)) : path === wanted;
      };
      return (event) => volumes(event)?.some(mounts);
    },
  }),
};
