/**
 * Fields of the container that the event's thread runs in, or that the event itself tells of. On the host most are empty
 * rather than absent.
 */

import { compileGlob } from '@peregrine/lang';
import {
  type ContainerMetadata,
  type ContainerMount,
  type EventContext,
  joinWords,
  type Thread,
} from '@peregrine/state';
import { type IndexOrKey, requiredIndexOrKey, requiredKey } from './argument.ts';
import { probeText } from './container-probes.ts';
import { CONTAINER_METADATA, HOST, isOnHost, knownContainer, metadataOf } from './containers.ts';
import {
  type Binding,
  boolField,
  defineFields,
  durationField,
  type FieldDeclaration,
  textField,
  timeField,
} from './define-fields.ts';
import { type Labels, labelOf, labelsText } from './labels.ts';
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

const ofMetadata = { scope: 'thread', cost: 30, awaits: CONTAINER_METADATA } as const;

/** A text that the container's metadata tells; absent until the metadata are there. */
export function detailField({ read, onHost, ...options }: DetailOptions): FieldDeclaration {
  return textField({ ...options, ...ofMetadata, read: detailReader(read, onHost) });
}

/** `read` is asked where there are metadata; `onHost` is the value where there is no container. */
export function detailReader<V>(
  read: (metadata: ContainerMetadata) => V | undefined,
  onHost: V | undefined,
): (event: EventContext) => V | undefined {
  return (event) => {
    const { thread } = event;
    if (thread !== undefined && isOnHost(thread)) return onHost;
    const metadata = metadataOf(event);
    return metadata === undefined ? undefined : read(metadata);
  };
}

function switchField(doc: string, read: (metadata: ContainerMetadata) => boolean): FieldDeclaration {
  return boolField({ doc, ...ofMetadata, read: detailReader(read, false) });
}

/** COMPAT: a text is a glob over sources, but over destinations where the source is asked for. */
type MountEnd = 'source' | 'destination';

function mountFinder(
  wanted: IndexOrKey,
  soughtBy: MountEnd,
): (metadata: ContainerMetadata) => ContainerMount | undefined {
  if ('index' in wanted) return (metadata) => metadata.mounts[wanted.index];
  const isWanted = compileGlob(wanted.key, { isCaseFolded: false });
  return (metadata) => metadata.mounts.find((mount) => isWanted(mount[soughtBy]));
}

function mountField(
  doc: string,
  examples: readonly string[],
  read: (mount: ContainerMount) => string,
  soughtBy: MountEnd = 'source',
): FieldDeclaration {
  return textField({
    doc: `${doc} Named by its index, or by its ${soughtBy}, in which \`*\` stands for anything.`,
    examples,
    ...ofMetadata,
    cost: 100,
    argument: requiredIndexOrKey,
    bind: (wanted): Binding => {
      const find = mountFinder(wanted, soughtBy);
      return {
        read: detailReader((metadata) => {
          const mount = find(metadata);
          return mount === undefined ? undefined : read(mount);
        }, undefined),
      };
    },
  });
}

/** A label by its name, among those that `labelsIn` gives. */
export function labelField(doc: string, labelsIn: (metadata: ContainerMetadata) => Labels): FieldDeclaration {
  return textField({
    doc,
    examples: ['web'],
    ...ofMetadata,
    cost: 60,
    argument: requiredKey,
    bind: (key): Binding => ({
      read: detailReader((metadata) => labelOf(labelsIn(metadata), key), undefined),
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
    read: (event) => {
      const { thread } = event;
      if (thread === undefined) return knownContainer(event)?.id;
      return thread.containerId === '' ? HOST : thread.containerId;
    },
  }),
  'container.full_id': textField({
    doc: 'Container id in full.',
    ...ofMetadata,
    read: (event) => {
      const { thread } = event;
      if (thread !== undefined && isOnHost(thread)) return HOST;
      const container = knownContainer(event);
      return container?.metadata && container.fullId;
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
    ...ofMetadata,
    read: (event) => {
      const { thread } = event;
      if (thread !== undefined && isOnHost(thread)) return HOST;
      const container = knownContainer(event);
      return container?.metadata && container.type;
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
  'container.mount': mountField('One mount, in the form of `container.mounts`.', [], mountText),
  'container.mount.source': mountField(
    'Source of one mount.',
    ['/var/lib/data'],
    ({ source }) => source,
    'destination',
  ),
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
    read: ({ healthcheck }) => healthcheck && probeText(healthcheck),
  }),
  'container.liveness_probe': detailField({
    doc: 'Command of the liveness probe; kept for old rules.',
    isDeprecated: true,
    read: ({ livenessProbe }) => livenessProbe && probeText(livenessProbe),
  }),
  'container.readiness_probe': detailField({
    doc: 'Command of the readiness probe; kept for old rules.',
    isDeprecated: true,
    read: ({ readinessProbe }) => readinessProbe && probeText(readinessProbe),
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
  'container.label': labelField('Value of one label.', ({ labels }) => labels),
  'container.labels': detailField({
    doc: 'Labels as `name:value`, joined by a comma and a blank.',
    onHost: '',
    read: (metadata) => labelsText(metadata.labels),
  }),
});
