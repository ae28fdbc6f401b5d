/** Evicts the pods of a node: several at once, again where a budget forbids it, until they are gone or the time is over. */

import { type JsonObject, textIn } from '@peregrine/base';
import { pause } from '../run/retry.ts';
import { placeText } from './api-path.ts';
import { evictPod } from './evict-pod.ts';
import { pods } from './kinds.ts';
import { KubeFailure, type KubePort, type ObjectPlace } from './kube-port.ts';
import { objectMeta, statusOf } from './object-view.ts';
import { guardOf, type PodGuards } from './pod-guards.ts';

/** Evictions that are asked for at once. */
const MOST_AT_ONCE = 8;
/** How often is looked again, milliseconds. COMPAT: as Talon. */
const ROUND_MS = 5_000;
/** Pods that the kubelet runs from files of its own: the API has only their picture. */
const MIRROR = 'kubernetes.io/config.mirror';

export interface DrainRequest {
  readonly place: ObjectPlace;
  readonly guards: PodGuards;
  readonly waitMs: number;
  /** Namespaces whose pods stay. */
  readonly excluded: ReadonlySet<string>;
  /** Namespaces whose pods are not waited for. */
  readonly notWaitedFor: ReadonlySet<string>;
}

export interface Drained {
  /** `pod default/alpine`. */
  readonly evicted: readonly string[];
  readonly left: readonly { readonly pod: string; readonly why: string }[];
  /** Pods that the parameters leave alone. */
  readonly ignored: number;
}

interface Pod {
  readonly place: ObjectPlace;
  readonly uid: string;
  state: 'here' | 'evicted' | 'gone';
  why: string;
}

/** Rejects with a `KubeFailure` where pods cannot be listed, or where RBAC forbids evictions. */
export async function drainNode(
  kube: KubePort,
  request: DrainRequest,
  signal: AbortSignal,
): Promise<Drained> {
  const { waitMs, notWaitedFor } = request;
  const endMs = performance.now() + waitMs;
  const found = await podsOn(kube, request.place, signal);
  const wanted = await wantedOf(kube, found, request, signal);
  for (;;) {
    await evictAll(
      kube,
      wanted.filter(({ state }) => state === 'here'),
      signal,
    );
    const isOver = (pod: Pod): boolean =>
      pod.state === 'gone' || (pod.state === 'evicted' && notWaitedFor.has(pod.place.namespace));
    const remainingMs = endMs - performance.now();
    if (kube.isDryRun || wanted.every(isOver) || remainingMs <= 0) break;
    await pause(Math.min(ROUND_MS, remainingMs), signal);
    signal.throwIfAborted();
    const present = new Set((await podsOn(kube, request.place, signal)).map((pod) => objectMeta(pod).uid));
    for (const pod of wanted) if (!present.has(pod.uid)) pod.state = 'gone';
  }
  return {
    evicted: wanted.filter(({ state }) => state !== 'here').map(({ place }) => placeText(place)),
    left: wanted
      .filter(({ state, place }) => state === 'here' || (!kube.isDryRun && isLate(state, place, request)))
      .map(({ place, state, why }) => ({
        pod: placeText(place),
        why: state === 'here' ? why : 'it is still ending',
      })),
    ignored: found.length - wanted.length,
  };
}

/** Evicted, but not gone, where that was waited for. */
function isLate(
  state: Pod['state'],
  { namespace }: ObjectPlace,
  { waitMs, notWaitedFor }: DrainRequest,
): boolean {
  return state === 'evicted' && waitMs > 0 && !notWaitedFor.has(namespace);
}

/** All that run, or would. */
async function podsOn(
  kube: KubePort,
  { name }: ObjectPlace,
  signal: AbortSignal,
): Promise<readonly JsonObject[]> {
  const fieldSelector = `spec.nodeName=${name}`;
  const all = await kube.list({ kind: pods, namespace: '', fieldSelector }, signal);
  return all.filter((pod) => {
    const phase = textIn(statusOf(pod).phase);
    return phase !== 'Succeeded' && phase !== 'Failed' && objectMeta(pod).annotations[MIRROR] === undefined;
  });
}

async function wantedOf(
  kube: KubePort,
  found: readonly JsonObject[],
  { guards, excluded }: DrainRequest,
  signal: AbortSignal,
): Promise<Pod[]> {
  const wanted: Pod[] = [];
  for (const pod of found) {
    const { namespace, name, uid } = objectMeta(pod);
    if (excluded.has(namespace) || (await guardOf(kube, pod, guards, signal)) !== undefined) continue;
    wanted.push({ place: { kind: pods, namespace, name }, uid, state: 'here', why: '' });
  }
  return wanted;
}

async function evictAll(kube: KubePort, wanted: readonly Pod[], signal: AbortSignal): Promise<void> {
  const waiting = [...wanted];
  const work = async (): Promise<void> => {
    for (let pod = waiting.shift(); pod !== undefined; pod = waiting.shift())
      await evictOne(kube, pod, signal);
  };
  await Promise.all(Array.from({ length: MOST_AT_ONCE }, work));
}

async function evictOne(kube: KubePort, pod: Pod, signal: AbortSignal): Promise<void> {
  try {
    const evicted = await evictPod(kube, pod, signal);
    if (evicted.kind === 'blocked') pod.why = 'a disruption budget forbids it now';
    else pod.state = evicted.kind;
  } catch (error) {
    // One pod that cannot be evicted keeps no other; what RBAC forbids, it forbids for all.
    if (!(error instanceof KubeFailure) || error.status === 403) throw error;
    pod.why = error.message;
  }
}
