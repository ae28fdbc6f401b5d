/** Fields of the container that the event's thread runs in. On the host most are empty rather than absent. */

import {
  type ContainerMetadata,
  type ContainerMount,
  type EventContext,
  joinWords,
  type Thread,
} from '@peregrine/state';
import { type IndexOrKey, requiredIndexOrKey, requiredKey } from './argument.ts';
import { HOST, isOnHost, knownContainer, metadataOf } from './containers.ts';
import {
  absent,
  type Binding,
  boolField,
  defineFields,
  durationField,
  type FieldDeclaration,
  textField,
  timeField,
} from './define-fields.ts';
import { labelOf, labelsText } from './labels.ts';
import { normalise, unlessZero } from './wide.ts';

interface DetailOptions {
  readonly doc: string;
  readonly examples?: readonly string[];
  /** Value on the host; absent there unless stated. */
  readonly onHost?: string;
  readonly isSuggested?: boolean;
  readonly isDeprecated?: boolean;
  readonly read: (metadata: ContainerMetadata) => string | undefined;
}

/** A text that the container's metadata tells; absent until the metadata are there. */
export function detailField({ read, onHost, ...options }: DetailOptions): FieldDeclaration {
  return textField({ ...options, scope: 'thread', cost: 30, read: detailReader(read, onHost) });
}

function detailReader<V>(
  read: (metadata: ContainerMetadata) => V | undefined,
  onHost: V | undefined,
): (event: EventContext) => V | undefined {
  return (event) => {
    const { thread } = event;
    if (thread === undefined) return undefined;
    if (isOnHost(thread)) return onHost;
    const metadata = metadataOf(event, thread);
    return metadata === undefined ? undefined : read(metadata);
  };
}

function switchField(doc: string, read: (metadata: ContainerMetadata) => boolean): FieldDeclaration {
  return boolField({ doc, scope: 'thread', cost: 30, read: detailReader(read, false) });
}

/** A mount by its place in the list, or by its source or destination as a glob-free text. */
function mountOf(metadata: ContainerMetadata, wanted: IndexOrKey): ContainerMount | undefined {
  return 'index' in wanted
    ? metadata.mounts[wanted.index]
    : metadata.mounts.find(({ source, destination }) => destination === wanted.key || source === wanted.key);
}

function mountField(
  doc: string,
  examples: readonly string[],
  read: (mount: ContainerMount) => string,
): FieldDeclaration {
  return textField({
    doc,
    examples,
    scope: 'thread',
    cost: 100,
    argument: requiredIndexOrKey,
    bind: (wanted): Binding => ({
      read: detailReader((metadata) => {
        const mount = mountOf(metadata, wanted);
        return mount === undefined ? undefined : read(mount);
      }, undefined),
    }),
  });
}

function mountText({ source, destination, mode, isWritable, propagation }: ContainerMount): string {
  return `${source}:${destination}:${mode}:${isWritable}:${propagation}`;
}

/** When the container's first process began; `undefined` on the host and when nobody knows. */
function startOf(thread: Thread): number | bigint | undefined {
  return isOnHost(thread) ? undefined : unlessZero(thread.pidnsInitStartNs);
}

export const containerFields = defineFields('container', {
  'container.id': textField({
    doc: 'Container id, cut to 12 characters; `host` for processes in no container.',
    examples: ['5892b41bcf46', 'host'],
    scope: 'thread',
    cost: 5,
    isSuggested: true,
    read: ({ thread }) =>
      thread === undefined ? undefined : thread.containerId === '' ? HOST : thread.containerId,
  }),
  'container.full_id': textField({
    doc: 'Container id in full.',
    scope: 'thread',
    cost: 30,
    read: (event) => {
      const { thread } = event;
      if (thread === undefined || isOnHost(thread)) return thread && HOST;
      const container = knownContainer(event, thread);
      return container?.metadata === undefined ? undefined : container.fullId;
    },
  }),
  'container.name': detailField({
    doc: 'Name of the container.',
    examples: ['nginx'],
    onHost: HOST,
    isSuggested: true,
    read: (metadata) => metadata.name,
  }),
  'container.image': detailField({
    doc: 'Image of the container, as it was asked for.',
    examples: ['docker.io/library/nginx:1.27'],
    onHost: '',
    read: (metadata) => metadata.image,
  }),
  'container.image.id': detailField({
    doc: 'Id of the image.',
    onHost: '',
    read: (metadata) => metadata.imageId,
  }),
  'container.type': textField({
    doc: 'What runs the container.',
    examples: ['docker', 'containerd', 'host'],
    scope: 'thread',
    cost: 30,
    read: (event) => {
      const { thread } = event;
      if (thread === undefined || isOnHost(thread)) return thread && HOST;
      const container = knownContainer(event, thread);
      return container?.metadata === undefined ? undefined : container.type;
    },
  }),
  'container.privileged': switchField(
    'Whether the container runs with all privileges.',
    (metadata) => metadata.isPrivileged,
  ),
  'container.mounts': detailField({
    doc: 'Mounts as `source:destination:mode:writable:propagation`, joined by commas.',
    onHost: '',
    read: (metadata) => metadata.mounts.map(mountText).join(','),
  }),
  'container.mount': mountField(
    'One mount, by its index, source or destination, in the form of `container.mounts`.',
    [],
    mountText,
  ),
  'container.mount.source': mountField('Source of one mount.', ['/var/lib/data'], ({ source }) => source),
  'container.mount.dest': mountField(
    'Destination of one mount.',
    ['/data'],
    ({ destination }) => destination,
  ),
  'container.mount.mode': mountField('Mode of one mount.', ['ro'], ({ mode }) => mode),
  'container.mount.rdwr': mountField('Whether one mount may be written to.', ['true'], ({ isWritable }) =>
    String(isWritable),
  ),
  'container.mount.propagation': mountField(
    'Propagation of one mount.',
    ['rprivate'],
    ({ propagation }) => propagation,
  ),
  'container.image.repository': detailField({
    doc: 'Repository of the image, without its tag.',
    examples: ['docker.io/library/nginx'],
    onHost: '',
    isSuggested: true,
    read: (metadata) => metadata.imageRepository,
  }),
  'container.image.tag': detailField({
    doc: 'Tag of the image.',
    examples: ['1.27'],
    onHost: '',
    isSuggested: true,
    read: (metadata) => metadata.imageTag,
  }),
  'container.image.digest': detailField({
    doc: 'Digest of the image.',
    onHost: '',
    read: (metadata) => metadata.imageDigest,
  }),
  'container.healthcheck': detailField({
    doc: 'Command of the health check; kept for old rules.',
    isDeprecated: true,
    read: (metadata) => metadata.healthcheck,
  }),
  'container.liveness_probe': detailField({
    doc: 'Command of the liveness probe; kept for old rules.',
    isDeprecated: true,
    read: (metadata) => metadata.livenessProbe,
  }),
  'container.readiness_probe': detailField({
    doc: 'Command of the readiness probe; kept for old rules.',
    isDeprecated: true,
    read: (metadata) => metadata.readinessProbe,
  }),
  'container.start_ts': timeField({
    doc: "When the container's first process began, nanoseconds; absent on the host.",
    scope: 'thread',
    read: ({ thread }) => (thread === undefined ? undefined : startOf(thread)),
  }),
  'container.duration': durationField({
    doc: "Nanoseconds since the container's first process began.",
    read: ({ thread, view }) => {
      const start = thread === undefined ? undefined : startOf(thread);
      if (start === undefined) return undefined;
      return normalise(BigInt(joinWords(view.timestampLow(), view.timestampHigh())) - BigInt(start));
    },
  }),
  'container.ip': detailField({
    doc: "The container's address.",
    examples: ['172.17.0.2'],
    onHost: '',
    read: (metadata) => metadata.ip,
  }),
  'container.cni.json': detailField({
    doc: 'What the network plugin said of the container, as JSON.',
    onHost: '',
    read: (metadata) => metadata.cniJson,
  }),
  'container.host_pid': switchField(
    "Whether the container shares the host's pid namespace.",
    (metadata) => metadata.isHostPid,
  ),
  'container.host_network': switchField(
    "Whether the container shares the host's network.",
    (metadata) => metadata.isHostNetwork,
  ),
  'container.host_ipc': switchField(
    "Whether the container shares the host's IPC namespace.",
    (metadata) => metadata.isHostIpc,
  ),
  'container.label': textField({
    doc: 'Value of one label.',
    examples: ['web'],
    scope: 'thread',
    cost: 60,
    argument: requiredKey,
    bind: (key): Binding => ({ read: detailReader((metadata) => labelOf(metadata.labels, key), undefined) }),
  }),
  'container.labels': detailField({
    doc: 'Labels as `name:value`, joined by a comma and a blank.',
    onHost: '',
    read: (metadata) => labelsText(metadata.labels),
  }),
  'proc.is_container_healthcheck': deprecatedSwitch('Kept for old rules; never has a value.'),
  'proc.is_container_liveness_probe': deprecatedSwitch('Kept for old rules; it never has a value.'),
  'proc.is_container_readiness_probe': deprecatedSwitch('Kept for old rules, and has no value.'),
});

function deprecatedSwitch(doc: string): FieldDeclaration {
  return boolField({ doc, scope: 'constant', isDeprecated: true, read: absent });
}
