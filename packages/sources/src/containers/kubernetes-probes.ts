/** Liveness and readiness probes, from a pod's description as `kubectl apply` leaves it with the pod. */

import { listIn, objectIn, parseObject, textIn } from '@peregrine/base';
import type { ContainerProbe } from '@peregrine/state';
import { boundProbe } from './bound-metadata.ts';

export interface PodProbes {
  readonly livenessProbe: ContainerProbe | undefined;
  readonly readinessProbe: ContainerProbe | undefined;
}

const noProbes: PodProbes = Object.freeze({ livenessProbe: undefined, readinessProbe: undefined });

/** `text`: the pod as JSON. Without a name, the pod's first container is meant. */
export function probesInPod(text: string, containerName?: string): PodProbes {
  const containers = listIn(objectIn(parseObject(text)?.spec)?.containers);
  const found = containers
    .map(objectIn)
    .find((container) => containerName === undefined || container?.name === containerName);
  if (found === undefined) return noProbes;
  return { livenessProbe: commandOf(found.livenessProbe), readinessProbe: commandOf(found.readinessProbe) };
}

/** Only probes that run a command; those that knock at ports start no process. */
function commandOf(probe: unknown): ContainerProbe | undefined {
  return boundProbe(listIn(objectIn(objectIn(probe)?.exec)?.command).map(textIn));
}
