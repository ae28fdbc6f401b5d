/** Containers that are put into a pod that runs already; they stay in it until the pod is gone. */

import { type JsonObject, listIn, objectIn, textIn } from '@peregrine/base';
import type { ActionOutcome } from '../action.ts';
import { pause } from '../run/retry.ts';
import { type PodTarget, placeOfPod, podText } from '../targets/pod.ts';
import type { KubePort } from './kube-port.ts';
import { specOf, statusOf } from './object-view.ts';

const ROUND_MS = 500;

export type ContainerState = 'waiting' | 'running' | 'ended';

/** `debug-0a1b2c3d`: the same in every attempt of a run. */
export function ephemeralName(prefix: string, runId: string): string {
  return `${prefix}-${runId.replace(/[^0-9a-f]/g, '').slice(0, 8)}`;
}

/** Whether the pod has one of that name already. */
export function hasEphemeral(pod: JsonObject, name: string): boolean {
  return listIn(specOf(pod).ephemeralContainers).some((container) => objectIn(container)?.name === name);
}

/** Rejects with a `KubeFailure`. */
export async function addEphemeral(
  kube: KubePort,
  target: PodTarget,
  container: JsonObject,
  signal: AbortSignal,
): Promise<void> {
  const request = { place: placeOfPod(target), name: 'ephemeralcontainers', verb: 'patch' } as const;
  await kube.subresource({ ...request, body: { spec: { ephemeralContainers: [container] } } }, signal);
}

/** Waits until it runs. Rejects with a `KubeFailure`. */
export async function ephemeralRuns(
  kube: KubePort,
  {
    target,
    name,
    patienceMs,
  }: { readonly target: PodTarget; readonly name: string; readonly patienceMs: number },
  signal: AbortSignal,
): Promise<
  { readonly kind: 'running' } | Extract<ActionOutcome, { readonly kind: 'refused' | 'unchanged' }>
> {
  const endMs = performance.now() + patienceMs;
  for (;;) {
    const pod = await kube.get(placeOfPod(target), signal);
    if (pod === undefined) return { kind: 'unchanged', reason: `${podText(target)} is gone` };
    const { state, why } = stateOf(pod, name);
    if (state === 'running') return { kind: 'running' };
    if (state === 'ended') return { kind: 'refused', reason: `container \`${name}\` ended at once: ${why}` };
    if (performance.now() >= endMs)
      return {
        kind: 'refused',
        reason: `container \`${name}\` did not start within ${patienceMs / 1000} s: ${why}`,
      };
    await pause(ROUND_MS, signal);
    signal.throwIfAborted();
  }
}

function stateOf(pod: JsonObject, name: string): { readonly state: ContainerState; readonly why: string } {
  const status = listIn(statusOf(pod).ephemeralContainerStatuses)
    .map(objectIn)
    .find((candidate) => candidate?.name === name);
  const state = objectIn(status?.state) ?? {};
  const { running, waiting, terminated } = state;
  if (objectIn(running) !== undefined) return { state: 'running', why: '' };
  const told = objectIn(terminated) ?? objectIn(waiting);
  const why = textIn(told?.message) || textIn(told?.reason) || 'nothing is known of it';
  return { state: objectIn(terminated) === undefined ? 'waiting' : 'ended', why };
}
