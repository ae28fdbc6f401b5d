/** What a pod's status says at each step of its life. */

import { documentsAt, type Json, type JsonDocument, textAt, withAt } from '../document.ts';
import { renderTime } from '../objects/object-store.ts';

/** A container as its kubelet knows it. */
export type ContainerState =
  | { readonly kind: 'waiting'; readonly reason: string }
  | { readonly kind: 'running'; readonly id: string; readonly sinceMs: number; readonly restartCount: number }
  | {
      readonly kind: 'terminated';
      readonly id: string;
      readonly exitCode: number;
      readonly sinceMs: number;
      readonly restartCount: number;
    };

export type StateOf = (container: string) => ContainerState;

/** The status of a pod on a node. */
export function podStatusOf(pod: JsonDocument, stateOf: StateOf, podIp: string): JsonDocument {
  const containers = documentsAt(pod, 'spec', 'containers');
  const states = containers.map((container) => stateOf(textAt(container, 'name')));
  const phase = phaseOf(pod, states);
  const isReady = phase === 'Running' && states.every(({ kind }) => kind === 'running');
  const ephemeral = documentsAt(pod, 'spec', 'ephemeralContainers');
  const status: JsonDocument = {
    phase,
    conditions: [
      condition(pod, 'Initialized', true),
      condition(pod, 'Ready', isReady),
      condition(pod, 'ContainersReady', isReady),
      condition(pod, 'PodScheduled', true),
    ],
    hostIP: '127.0.0.1',
    podIP: podIp,
    podIPs: [{ ip: podIp }],
    startTime: textAt(pod, 'status', 'startTime') || renderTime(Date.now()),
    containerStatuses: containers.map((container) => containerStatus(container, stateOf)),
    qosClass: textAt(pod, 'status', 'qosClass') || 'BestEffort',
  };
  if (ephemeral.length === 0) return status;
  const statuses = ephemeral.map((container) => containerStatus(container, stateOf));
  return withAt(status, ['ephemeralContainerStatuses'], statuses);
}

/** The status of a pod that no node takes. */
export function unscheduledStatus(pod: JsonDocument, why: string): JsonDocument {
  const scheduled = {
    ...condition(pod, 'PodScheduled', false),
    reason: 'Unschedulable',
    message: why,
  };
  return { phase: 'Pending', conditions: [scheduled], qosClass: 'BestEffort' };
}

function phaseOf(pod: JsonDocument, states: readonly ContainerState[]): string {
  if (states.every(({ kind }) => kind === 'waiting')) return 'Pending';
  const ended = states.flatMap((state) => (state.kind === 'terminated' ? [state.exitCode] : []));
  if (ended.length < states.length || textAt(pod, 'spec', 'restartPolicy') === 'Always') return 'Running';
  return ended.every((code) => code === 0) ? 'Succeeded' : 'Failed';
}

function condition(pod: JsonDocument, type: string, isTrue: boolean): JsonDocument {
  const status = isTrue ? 'True' : 'False';
  const before = documentsAt(pod, 'status', 'conditions').find(
    (known) => textAt(known, 'type') === type && textAt(known, 'status') === status,
  );
  const lastTransitionTime = textAt(before, 'lastTransitionTime') || renderTime(Date.now());
  return { type, status, lastProbeTime: null, lastTransitionTime };
}

function containerStatus(container: JsonDocument, stateOf: StateOf): JsonDocument {
  const name = textAt(container, 'name');
  const image = textAt(container, 'image');
  const state = stateOf(name);
  const common = {
    name,
    image,
    imageID: state.kind === 'waiting' ? '' : `${image}@sha256:${'0'.repeat(64)}`,
    lastState: {},
  };
  if (state.kind === 'waiting') {
    return {
      ...common,
      ready: false,
      started: false,
      restartCount: 0,
      state: { waiting: { reason: state.reason } },
    };
  }
  const { restartCount, id } = state;
  const isRunning = state.kind === 'running';
  const shown: Json = isRunning
    ? { running: { startedAt: renderTime(state.sinceMs) } }
    : {
        terminated: {
          exitCode: state.exitCode,
          reason: state.exitCode === 0 ? 'Completed' : 'Error',
          finishedAt: renderTime(state.sinceMs),
          containerID: `containerd://${id}`,
        },
      };
  return {
    ...common,
    ready: isRunning,
    started: isRunning,
    restartCount,
    containerID: `containerd://${id}`,
    state: shown,
  };
}

/** Whether a pod counts for what looks at its readiness. */
export function isPodReady(pod: JsonDocument): boolean {
  return documentsAt(pod, 'status', 'conditions').some(
    (known) => textAt(known, 'type') === 'Ready' && textAt(known, 'status') === 'True',
  );
}
