/**
 * Whether a process is a probe of its container: a health check, or Kubernetes' liveness or readiness check. Runtimes
 * start probes from outside, so it is one when the first of its ancestors in the container was started with the probe's
 * command: what a process inside starts with the same words is none.
 */

import type { ContainerMetadata, ContainerProbe, EventContext, Thread } from '@peregrine/state';
import { highestAncestor } from './ancestors.ts';
import { CONTAINER_METADATA, isOnHost, metadataOf } from './containers.ts';
import { boolField, defineFields, type FieldDeclaration } from './define-fields.ts';

/** The first process of a pid namespace is what the container is for, and no probe. */
const INIT = 1;

/** As a shell would show it. */
export function probeText({ exe, args }: ContainerProbe): string {
  return [exe, ...args].filter((word) => word !== '').join(' ');
}

function isStartedBy(probe: ContainerProbe, thread: Thread): boolean {
  const { containerId, main } = thread;
  const first = highestAncestor(thread, (ancestor) => ancestor.containerId === containerId) ?? main;
  return (
    first.vpid !== INIT &&
    first.exe === probe.exe &&
    first.args === probe.args.map((arg) => `${arg}\0`).join('')
  );
}

function probeField(
  what: string,
  probeOf: (metadata: ContainerMetadata) => ContainerProbe | undefined,
): FieldDeclaration {
  return boolField({
    doc: `Whether the process belongs to ${what} of its container; absent where the runtime tells of none.`,
    scope: 'thread',
    cost: 60,
    isDeprecated: true,
    awaits: CONTAINER_METADATA,
    read: (event: EventContext) => {
      const { thread } = event;
      if (thread === undefined || isOnHost(thread)) return undefined;
      const metadata = metadataOf(event);
      const probe = metadata && probeOf(metadata);
      return probe && isStartedBy(probe, thread);
    },
  });
}

export const containerProbeFields = defineFields('container', {
  'proc.is_container_healthcheck': probeField('the health check', ({ healthcheck }) => healthcheck),
  'proc.is_container_liveness_probe': probeField('the liveness probe', ({ livenessProbe }) => livenessProbe),
  'proc.is_container_readiness_probe': probeField(
    'the readiness probe',
    ({ readinessProbe }) => readinessProbe,
  ),
});
