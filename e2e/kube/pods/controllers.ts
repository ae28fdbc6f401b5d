/**
 * What keeps a cluster as its objects say: replica sets for deployments, pods for replica sets, daemon sets, stateful sets
 * and jobs, and away with what lost its owner or its namespace.
 */

import { createHash } from 'node:crypto';
import { documentAt, documentsAt, isSame, type JsonDocument, numberAt, textAt, withAt } from '../document.ts';
import { type ObjectApi, randomSuffix } from '../objects/object-api.ts';
import { controllerReference, isTerminating, type StoreEvent } from '../objects/object-store.ts';
import {
  daemonSets,
  deployments,
  disruptionBudgets,
  jobs,
  namespaces,
  nodes,
  pods,
  type ResourceType,
  replicaSets,
  resourceTypes,
  statefulSets,
} from '../objects/resource-types.ts';
import { StatusError } from '../status.ts';
import { budgetStatus } from './eviction.ts';
import { isPodReady } from './pod-status.ts';

const HASH_LABEL = 'pod-template-hash';

export class Controllers {
  readonly #api: ObjectApi;
  readonly #stop: () => void;
  #isDue = false;
  #isClosed = false;

  constructor(api: ObjectApi) {
    this.#api = api;
    this.#stop = api.store.listen((event) => this.#note(event));
  }

  close(): void {
    this.#isClosed = true;
    this.#stop();
  }

  #note({ type, object }: StoreEvent): void {
    if (type === 'DELETED') setImmediate(() => this.#collect(textAt(object, 'metadata', 'uid')));
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      this.#work();
    });
  }

  #work(): void {
    const steps: readonly [ResourceType, (object: JsonDocument) => void][] = [
      [deployments, (object) => this.#deploy(object)],
      [replicaSets, (object) => this.#replicate(object)],
      [statefulSets, (object) => this.#number(object)],
      [daemonSets, (object) => this.#spread(object)],
      [jobs, (object) => this.#finish(object)],
      [
        disruptionBudgets,
        (object) => this.#status(disruptionBudgets, object, budgetStatus(this.#api, object)),
      ],
      [namespaces, (object) => this.#empty(object)],
    ];
    for (const [type, step] of steps) {
      for (const object of this.#api.store.list(type)) {
        if (this.#isClosed || (isTerminating(object) && type !== namespaces)) continue;
        this.#attempt(() => step(object));
      }
    }
  }

  #attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      // Refused, or gone meanwhile: the next change brings us here again.
      if (!(error instanceof StatusError)) throw error;
    }
  }

  #deploy(deployment: JsonDocument): void {
    const template = documentAt(deployment, 'spec', 'template');
    const hash = hashOf(template);
    const sets = this.#owned(replicaSets, deployment);
    const wanted = numberAt(deployment, 'spec', 'replicas') ?? 1;
    const name = `${textAt(deployment, 'metadata', 'name')}-${hash}`;
    const present = sets.find((set) => textAt(set, 'metadata', 'name') === name);
    const withHash = (labels: JsonDocument): JsonDocument => ({ ...labels, [HASH_LABEL]: hash });
    if (present === undefined) {
      const selector = documentAt(deployment, 'spec', 'selector');
      this.#api.create(replicaSets, textAt(deployment, 'metadata', 'namespace'), {
        metadata: {
          name,
          labels: withHash(documentAt(template, 'metadata', 'labels')),
          ownerReferences: [controllerReference(deployments, deployment)],
        },
        spec: {
          replicas: wanted,
          selector: withAt(selector, ['matchLabels'], withHash(documentAt(selector, 'matchLabels'))),
          template: withAt(
            template,
            ['metadata', 'labels'],
            withHash(documentAt(template, 'metadata', 'labels')),
          ),
        },
      });
    }
    for (const set of sets) this.#scale(set, set === present ? wanted : 0);
    const count = (key: string): number =>
      sets.reduce((sum, set) => sum + (numberAt(set, 'status', key) ?? 0), 0);
    const available = count('readyReplicas');
    this.#status(deployments, deployment, {
      ...replicaStatus(deployment, count('replicas'), available),
      updatedReplicas: numberAt(present, 'status', 'replicas') ?? 0,
      availableReplicas: available,
      ...(wanted > available ? { unavailableReplicas: wanted - available } : {}),
      conditions: [
        {
          type: 'Available',
          status: available >= wanted ? 'True' : 'False',
          reason: 'MinimumReplicasAvailable',
        },
        { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' },
      ],
    });
  }

  #scale(set: JsonDocument, replicas: number): void {
    if (numberAt(set, 'spec', 'replicas') === replicas) return;
    const place = { type: replicaSets, namespace: namespaceOf(set), name: textAt(set, 'metadata', 'name') };
    this.#api.modify(place, (now) => withAt(now, ['spec', 'replicas'], replicas));
  }

  #replicate(set: JsonDocument): void {
    const wanted = numberAt(set, 'spec', 'replicas') ?? 1;
    const own = this.#livePods(set);
    for (const pod of own.slice(wanted)) this.#remove(pod);
    for (let count = own.length; count < wanted; count++) {
      this.#makePod(replicaSets, set, `${textAt(set, 'metadata', 'name')}-${randomSuffix()}`, {});
    }
    const kept = own.slice(0, wanted);
    const ready = kept.filter(isPodReady).length;
    const status = {
      ...replicaStatus(set, kept.length, ready),
      fullyLabeledReplicas: kept.length,
      availableReplicas: ready,
    };
    this.#status(replicaSets, set, status);
  }

  #number(set: JsonDocument): void {
    const wanted = numberAt(set, 'spec', 'replicas') ?? 1;
    const hash = hashOf(documentAt(set, 'spec', 'template'));
    const own = this.#owned(pods, set);
    const names = Array.from({ length: wanted }, (_, index) => `${textAt(set, 'metadata', 'name')}-${index}`);
    for (const pod of own) {
      const isCurrent = textAt(pod, 'metadata', 'labels', 'controller-revision-hash') === hash;
      if (!isTerminating(pod) && (!isCurrent || !names.includes(textAt(pod, 'metadata', 'name'))))
        this.#remove(pod);
    }
    for (const name of names) {
      if (own.some((pod) => textAt(pod, 'metadata', 'name') === name)) continue;
      this.#makePod(statefulSets, set, name, { 'controller-revision-hash': hash });
    }
    const ready = own.filter((pod) => isPodReady(pod) && !isTerminating(pod)).length;
    const status = {
      ...replicaStatus(set, own.length, ready),
      currentReplicas: own.length,
      updatedReplicas: own.length,
      availableReplicas: ready,
    };
    this.#status(statefulSets, set, status);
  }

  #spread(set: JsonDocument): void {
    const hash = hashOf(documentAt(set, 'spec', 'template'));
    const own = this.#livePods(set);
    for (const pod of own) {
      if (textAt(pod, 'metadata', 'labels', 'controller-revision-hash') !== hash) this.#remove(pod);
    }
    const all = this.#api.store.list(nodes).map((node) => textAt(node, 'metadata', 'name'));
    const busy = own.map((pod) => textAt(pod, 'spec', 'nodeName'));
    for (const node of all.filter((name) => !busy.includes(name))) {
      const name = `${textAt(set, 'metadata', 'name')}-${randomSuffix()}`;
      this.#makePod(daemonSets, set, name, { 'controller-revision-hash': hash }, node);
    }
    const ready = own.filter(isPodReady).length;
    this.#status(daemonSets, set, {
      observedGeneration: numberAt(set, 'metadata', 'generation') ?? 1,
      desiredNumberScheduled: all.length,
      currentNumberScheduled: own.length,
      updatedNumberScheduled: own.length,
      numberReady: ready,
      numberAvailable: ready,
      numberMisscheduled: 0,
    });
  }

  #finish(job: JsonDocument): void {
    const own = this.#owned(pods, job);
    const wanted = numberAt(job, 'spec', 'completions') ?? 1;
    const inPhase = (phase: string): number =>
      own.filter((pod) => textAt(pod, 'status', 'phase') === phase).length;
    const succeeded = inPhase('Succeeded');
    const active = own.length - succeeded - inPhase('Failed');
    const isOver = succeeded >= wanted || inPhase('Failed') > (numberAt(job, 'spec', 'backoffLimit') ?? 6);
    if (!isOver && active === 0) {
      const name = `${textAt(job, 'metadata', 'name')}-${randomSuffix()}`;
      this.#makePod(jobs, job, name, { 'job-name': textAt(job, 'metadata', 'name') });
    }
    const conditions = succeeded >= wanted ? [{ type: 'Complete', status: 'True' }] : [];
    this.#status(jobs, job, { active, succeeded, failed: inPhase('Failed'), conditions });
  }

  #makePod(type: ResourceType, owner: JsonDocument, name: string, labels: JsonDocument, node?: string): void {
    const template = documentAt(owner, 'spec', 'template');
    const metadata = documentAt(template, 'metadata');
    const spec = documentAt(template, 'spec');
    this.#api.create(pods, namespaceOf(owner), {
      metadata: {
        ...metadata,
        name,
        labels: { ...documentAt(metadata, 'labels'), ...labels },
        ownerReferences: [controllerReference(type, owner)],
      },
      spec: node === undefined ? spec : { ...spec, nodeName: node },
    });
  }

  #livePods(owner: JsonDocument): readonly JsonDocument[] {
    const isOver = (pod: JsonDocument): boolean =>
      ['Succeeded', 'Failed'].includes(textAt(pod, 'status', 'phase'));
    return this.#owned(pods, owner).filter((pod) => !isTerminating(pod) && !isOver(pod));
  }

  #owned(type: ResourceType, owner: JsonDocument): readonly JsonDocument[] {
    const uid = textAt(owner, 'metadata', 'uid');
    return this.#api.store.list(type, namespaceOf(owner)).filter((object) => isOwnedBy(object, uid));
  }

  #remove(object: JsonDocument): void {
    const place = { type: pods, namespace: namespaceOf(object), name: textAt(object, 'metadata', 'name') };
    this.#api.delete(place);
  }

  #status(type: ResourceType, object: JsonDocument, status: JsonDocument): void {
    if (isSame(documentAt(object, 'status'), status)) return;
    const place = { type, namespace: namespaceOf(object), name: textAt(object, 'metadata', 'name') };
    this.#api.modify(place, (now) => ({ ...now, status }), { part: 'status' });
  }

  /** What the one with this uid owned. */
  #collect(uid: string): void {
    if (this.#isClosed) return;
    for (const type of resourceTypes) {
      for (const object of this.#api.store.list(type)) {
        if (!isOwnedBy(object, uid) || isTerminating(object)) continue;
        const place = { type, namespace: namespaceOf(object), name: textAt(object, 'metadata', 'name') };
        this.#attempt(() => this.#api.delete(place));
      }
    }
  }

  #empty(namespace: JsonDocument): void {
    if (!isTerminating(namespace)) return;
    const name = textAt(namespace, 'metadata', 'name');
    let count = 0;
    for (const type of resourceTypes.filter(({ isNamespaced }) => isNamespaced)) {
      for (const object of this.#api.store.list(type, name)) {
        count++;
        const place = { type, namespace: name, name: textAt(object, 'metadata', 'name') };
        if (!isTerminating(object)) this.#attempt(() => this.#api.delete(place));
      }
    }
    if (count === 0) this.#api.store.remove(namespaces, namespace);
  }
}

function namespaceOf(object: JsonDocument): string {
  return textAt(object, 'metadata', 'namespace');
}

function isOwnedBy(object: JsonDocument, uid: string): boolean {
  return documentsAt(object, 'metadata', 'ownerReferences').some(
    (reference) => textAt(reference, 'uid') === uid,
  );
}

function replicaStatus(owner: JsonDocument, replicas: number, ready: number): JsonDocument {
  const observedGeneration = numberAt(owner, 'metadata', 'generation') ?? 1;
  return { observedGeneration, replicas, readyReplicas: ready };
}

function hashOf(template: JsonDocument): string {
  return createHash('sha256').update(JSON.stringify(template)).digest('hex').slice(0, 10);
}
