/**
 * Scheduler and kubelets in one: gives pods a node, has the runtime start what they have in them, tells their status, and
 * takes them away when their time is over.
 */

import { documentAt, documentsAt, type JsonDocument, textAt } from '../document.ts';
import type { ObjectApi, ObjectName } from '../objects/object-api.ts';
import { gracePeriodOf, isTerminating, type StoreEvent } from '../objects/object-store.ts';
import { nodes, pods } from '../objects/resource-types.ts';
import { StatusError } from '../status.ts';
import type { ContainerPlace, PodRuntime } from './pod-runtime.ts';
import { type ContainerState, podStatusOf, unscheduledStatus } from './pod-status.ts';

/** What the kubelet knows of a pod on its node, by uid. */
interface KnownPod {
  readonly place: ObjectName;
  readonly ip: string;
  readonly states: Map<string, ContainerState>;
  isEnding: boolean;
  /** How long it may take to end; absent until it is to. */
  graceMs?: number;
}

const waiting: ContainerState = { kind: 'waiting', reason: 'ContainerCreating' };
/** Before a container that ended is started anew, for each time it was. */
const BACK_OFF_MS = 1_000;

export class Kubelet {
  readonly #api: ObjectApi;
  readonly #runtime: PodRuntime;
  readonly #known = new Map<string, KnownPod>();
  readonly #stop: () => void;
  #isClosed = false;
  #ipCount = 1;

  constructor(api: ObjectApi, runtime: PodRuntime) {
    this.#api = api;
    this.#runtime = runtime;
    // Not before the one who changed something has its answer.
    this.#stop = api.store.listen((event) => setImmediate(() => this.#follow(event)));
  }

  close(): void {
    this.#isClosed = true;
    this.#stop();
  }

  #follow({ resource, type, object }: StoreEvent): void {
    if (this.#isClosed) return;
    if (resource === nodes) {
      for (const pod of this.#api.store.list(pods))
        if (textAt(pod, 'spec', 'nodeName') === '') this.#schedule(pod);
      return;
    }
    if (resource !== pods) return;
    const uid = textAt(object, 'metadata', 'uid');
    if (type === 'DELETED') {
      void this.#end(uid, 0);
      return;
    }
    const now = this.#present(object);
    if (now === undefined) return;
    if (textAt(now, 'spec', 'nodeName') === '') this.#schedule(now);
    else if (isTerminating(now)) void this.#terminate(uid, now);
    else this.#startMissing(uid, now);
  }

  /** The pod as it is by now, unless another took its name. */
  #present(object: JsonDocument): JsonDocument | undefined {
    const { namespace, name } = placeOf(object);
    const now = this.#api.store.get(pods, namespace, name);
    return textAt(now, 'metadata', 'uid') === textAt(object, 'metadata', 'uid') ? now : undefined;
  }

  #schedule(pod: JsonDocument): void {
    const all = this.#api.store.list(nodes);
    const open = all.filter(
      (node) => documentAt(node, 'spec').unschedulable !== true && tolerates(pod, node),
    );
    const load = (node: JsonDocument): number => this.#podsOn(textAt(node, 'metadata', 'name')).length;
    const [chosen] = open.toSorted((a, b) => load(a) - load(b));
    const place = placeOf(pod);
    if (chosen !== undefined) {
      const nodeName = textAt(chosen, 'metadata', 'name');
      const spec = { ...documentAt(pod, 'spec'), nodeName };
      this.#change(place, (now) => ({ ...now, spec }));
      return;
    }
    const why = `0/${all.length} nodes are available: ${all.length} node(s) were unschedulable or had untolerated taints.`;
    this.#change(place, (now) => ({ ...now, status: unscheduledStatus(now, why) }));
  }

  #podsOn(node: string): readonly JsonDocument[] {
    return this.#api.store.list(pods).filter((pod) => textAt(pod, 'spec', 'nodeName') === node);
  }

  #startMissing(uid: string, pod: JsonDocument): void {
    const known = this.#known.get(uid) ?? this.#meet(uid, pod);
    const all = [
      ...documentsAt(pod, 'spec', 'containers'),
      ...documentsAt(pod, 'spec', 'ephemeralContainers'),
    ];
    const missing = all.filter((container) => !known.states.has(textAt(container, 'name')));
    for (const container of missing) known.states.set(textAt(container, 'name'), waiting);
    for (const container of missing) void this.#start(uid, known, pod, container, 0);
  }

  #meet(uid: string, pod: JsonDocument): KnownPod {
    const count = ++this.#ipCount;
    const ip = `10.244.${count >> 8}.${count & 255}`;
    const known: KnownPod = { place: placeOf(pod), ip, states: new Map(), isEnding: false };
    this.#known.set(uid, known);
    return known;
  }

  async #start(
    uid: string,
    known: KnownPod,
    pod: JsonDocument,
    container: JsonDocument,
    restartCount: number,
  ): Promise<void> {
    const name = textAt(container, 'name');
    try {
      const started = await this.#runtime.start({
        ...containerPlace(known, name),
        object: pod,
        spec: container,
      });
      if (known.isEnding) return;
      const { id } = started;
      known.states.set(name, { kind: 'running', id, sinceMs: Date.now(), restartCount });
      this.#tell(uid, known);
      const exitCode = await started.ended;
      if (known.isEnding) return;
      known.states.set(name, { kind: 'terminated', id, exitCode, sinceMs: Date.now(), restartCount });
      this.#tell(uid, known);
      if (
        textAt(pod, 'spec', 'restartPolicy') !== 'Always' ||
        textAt(container, 'targetContainerName') !== ''
      )
        return;
      setTimeout(
        () => {
          if (!known.isEnding && !this.#isClosed)
            void this.#start(uid, known, pod, container, restartCount + 1);
        },
        BACK_OFF_MS * (restartCount + 1),
      ).unref();
    } catch (error) {
      const reason = error instanceof Error ? `RunContainerError: ${error.message}` : 'RunContainerError';
      known.states.set(name, { kind: 'waiting', reason });
      this.#tell(uid, known);
    }
  }

  #tell(uid: string, known: KnownPod): void {
    const now = this.#api.store.get(pods, known.place.namespace, known.place.name);
    if (now === undefined || textAt(now, 'metadata', 'uid') !== uid) return;
    const stateOf = (name: string): ContainerState => known.states.get(name) ?? waiting;
    this.#change(known.place, (pod) => ({ ...pod, status: podStatusOf(pod, stateOf, known.ip) }));
  }

  async #terminate(uid: string, pod: JsonDocument): Promise<void> {
    const graceMs = gracePeriodOf(pod) * 1_000;
    // Asked for once more, it can only be sooner. Without grace the pod is gone by itself.
    if ((this.#known.get(uid)?.graceMs ?? Number.POSITIVE_INFINITY) <= graceMs) return;
    await this.#end(uid, graceMs);
    try {
      this.#api.delete(placeOf(pod), { gracePeriodSeconds: 0, preconditions: { uid } });
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
    }
  }

  /** Ends what runs in it. */
  async #end(uid: string, graceMs: number): Promise<void> {
    const known = this.#known.get(uid);
    if (known === undefined) return;
    known.isEnding = true;
    known.graceMs = graceMs;
    const stops = [...known.states.keys()].map((name) =>
      this.#runtime.stop(containerPlace(known, name), graceMs),
    );
    await Promise.allSettled(stops);
    this.#known.delete(uid);
  }

  #change(place: ObjectName, change: (now: JsonDocument) => JsonDocument): void {
    try {
      this.#api.modify(place, change, { part: 'all' });
    } catch (error) {
      // Gone meanwhile.
      if (!(error instanceof StatusError)) throw error;
    }
  }
}

/** Whether none of the node's taints keeps the pod away. */
function tolerates(pod: JsonDocument, node: JsonDocument): boolean {
  const tolerations = documentsAt(pod, 'spec', 'tolerations');
  const isTolerated = (taint: JsonDocument): boolean =>
    tolerations.some((toleration) => {
      const [key, effect] = [textAt(toleration, 'key'), textAt(toleration, 'effect')];
      if (key !== '' && key !== textAt(taint, 'key')) return false;
      if (effect !== '' && effect !== textAt(taint, 'effect')) return false;
      const isExists = textAt(toleration, 'operator') === 'Exists';
      return isExists || textAt(toleration, 'value') === textAt(taint, 'value');
    });
  const forbidding = documentsAt(node, 'spec', 'taints').filter(
    (taint) => textAt(taint, 'effect') !== 'PreferNoSchedule',
  );
  return forbidding.every(isTolerated);
}

function placeOf(pod: JsonDocument): ObjectName {
  return {
    type: pods,
    namespace: textAt(pod, 'metadata', 'namespace'),
    name: textAt(pod, 'metadata', 'name'),
  };
}

function containerPlace({ place }: KnownPod, container: string): ContainerPlace {
  return { namespace: place.namespace, pod: place.name, container };
}
