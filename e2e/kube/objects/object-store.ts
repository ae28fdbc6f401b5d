/**
 * Where objects are kept: the present ones, and what happened to them lately, for watches. Versions are one counter over
 * everything, as in etcd.
 */

import { compact, isSame, type JsonDocument, numberAt, textAt, withAt } from '../document.ts';
import type { ResourceType } from './resource-types.ts';

export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly resource: ResourceType;
  readonly object: JsonDocument;
  /** What it was before; absent for what is new. */
  readonly before: JsonDocument | undefined;
  readonly version: number;
}

type Listener = (event: StoreEvent) => void;

export class ObjectStore {
  readonly #objects = new Map<ResourceType, Map<string, JsonDocument>>();
  readonly #listeners = new Set<Listener>();
  #history: StoreEvent[] = [];
  #version = 1;
  #forgotten = 0;

  /** Of the last change. */
  get version(): number {
    return this.#version;
  }

  /** Changes up to this one are forgotten: watches cannot begin there. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** `namespace` is empty for kinds without. */
  get(resource: ResourceType, namespace: string, name: string): JsonDocument | undefined {
    return this.#of(resource).get(`${namespace}/${name}`);
  }

  /** By namespace, then by name. An empty namespace: all. */
  list(resource: ResourceType, namespace = ''): readonly JsonDocument[] {
    const found = [...this.#of(resource)].filter(
      ([key]) => namespace === '' || key.startsWith(`${namespace}/`),
    );
    return found.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
  }

  /** Keeps it under a new version, which the answer has. What says the same as before keeps its version. */
  put(resource: ResourceType, object: JsonDocument): JsonDocument {
    const key = keyOf(object);
    const before = this.#of(resource).get(key);
    if (before !== undefined && isSame(before, object)) return before;
    const version = ++this.#version;
    const stored = withVersion(object, version);
    this.#of(resource).set(key, stored);
    this.#tell({
      type: before === undefined ? 'ADDED' : 'MODIFIED',
      resource,
      object: stored,
      before,
      version,
    });
    return stored;
  }

  /** The object as it was last, under the version of its deletion. */
  remove(resource: ResourceType, object: JsonDocument): JsonDocument {
    const key = keyOf(object);
    const before = this.#of(resource).get(key);
    if (before === undefined) return object;
    this.#of(resource).delete(key);
    const version = ++this.#version;
    const last = withVersion(object, version);
    this.#tell({ type: 'DELETED', resource, object: last, before, version });
    return last;
  }

  /** What happened after a version, oldest first. */
  since(version: number): readonly StoreEvent[] {
    return this.#history.filter((event) => event.version > version);
  }

  /** Forgets what happened, as etcd does from time to time: older versions are 410 from now on. */
  forget(): void {
    this.#history = [];
    this.#forgotten = this.#version;
    this.#version++;
  }

  /** Called at each change, before anybody is answered. Gives what ends that. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #of(resource: ResourceType): Map<string, JsonDocument> {
    const known = this.#objects.get(resource);
    if (known !== undefined) return known;
    const made = new Map<string, JsonDocument>();
    this.#objects.set(resource, made);
    return made;
  }

  #tell(event: StoreEvent): void {
    this.#history.push(event);
    for (const listener of [...this.#listeners]) listener(event);
  }
}

function keyOf(object: JsonDocument): string {
  return `${textAt(object, 'metadata', 'namespace')}/${textAt(object, 'metadata', 'name')}`;
}

function withVersion(object: JsonDocument, version: number): JsonDocument {
  return withAt(object, ['metadata', 'resourceVersion'], String(version));
}

/** Seconds, as `metav1.Time` has them. */
export function renderTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** A reference to an object as its controller. */
export function controllerReference(resource: ResourceType, owner: JsonDocument): JsonDocument {
  return compact({
    apiVersion: resource.group === '' ? resource.version : `${resource.group}/${resource.version}`,
    kind: resource.kind,
    name: textAt(owner, 'metadata', 'name'),
    uid: textAt(owner, 'metadata', 'uid'),
    controller: true,
    blockOwnerDeletion: true,
  });
}

/** Whether a deletion is under way. */
export function isTerminating(object: JsonDocument): boolean {
  return textAt(object, 'metadata', 'deletionTimestamp') !== '';
}

/** What the object allows itself for its end, in seconds. */
export function gracePeriodOf(object: JsonDocument): number {
  return numberAt(object, 'metadata', 'deletionGracePeriodSeconds') ?? 0;
}
