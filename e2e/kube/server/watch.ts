/** Watches: what happens to objects from a version on, one JSON document in a line each, until somebody ends it. */

import type { ServerResponse } from 'node:http';
import { type JsonDocument, textAt } from '../document.ts';
import type { ObjectStore, StoreEvent } from '../objects/object-store.ts';
import { apiVersionOf, type ResourceType } from '../objects/resource-types.ts';
import { expired } from '../status.ts';
import { selectionOf } from './list.ts';
import { isTrue } from './request-info.ts';

export interface WatchRequest {
  readonly type: ResourceType;
  /** Empty: all. */
  readonly namespace: string;
  readonly query: URLSearchParams;
  /** How an object is shown: itself, or a table with one row. */
  readonly show: (object: JsonDocument) => JsonDocument;
}

/** Between bookmarks, where they are asked for. */
const BOOKMARK_MS = 10_000;
/** How long one lasts that does not say. */
const TIMEOUT_S = 1_800;

export class Watch {
  readonly type: ResourceType;
  readonly #response: ServerResponse;
  readonly #ends: (() => void)[] = [];

  /** The head of the answer must be sent already. */
  constructor(store: ObjectStore, request: WatchRequest, response: ServerResponse) {
    const { type, namespace, query, show } = request;
    this.type = type;
    this.#response = response;
    response.once('close', () => this.end());
    const selects = selectionOf(type, query);
    const tell = (event: StoreEvent): void => {
      if (event.resource !== type) return;
      if (namespace !== '' && textAt(event.object, 'metadata', 'namespace') !== namespace) return;
      const isIn = event.type !== 'DELETED' && selects(event.object);
      const wasIn = event.before !== undefined && selects(event.before);
      if (isIn) this.#send(wasIn ? 'MODIFIED' : 'ADDED', show(event.object));
      else if (wasIn) this.#send('DELETED', show(event.object));
    };
    const version = query.get('resourceVersion') ?? '';
    const isInitial = isTrue(query.get('sendInitialEvents')) || version === '' || version === '0';
    if (!isInitial && Number(version) < store.forgotten) {
      const message = `too old resource version: ${version} (${store.forgotten})`;
      this.#send('ERROR', expired(message).body);
      this.end();
      return;
    }
    if (isInitial) {
      for (const object of store.list(type, namespace))
        if (selects(object)) this.#send('ADDED', show(object));
    } else {
      for (const event of store.since(Number(version))) tell(event);
    }
    const bookmark = (annotations: JsonDocument = {}): void => {
      const metadata = { resourceVersion: String(store.version), creationTimestamp: null, annotations };
      this.#send('BOOKMARK', { kind: type.kind, apiVersion: apiVersionOf(type), metadata });
    };
    const hasBookmarks = isTrue(query.get('allowWatchBookmarks'));
    if (hasBookmarks && isTrue(query.get('sendInitialEvents')))
      bookmark({ 'k8s.io/initial-events-end': 'true' });
    this.#ends.push(store.listen(tell));
    if (hasBookmarks) {
      const timer = setInterval(() => bookmark(), BOOKMARK_MS);
      this.#ends.push(() => clearInterval(timer));
    }
    const seconds = Number(query.get('timeoutSeconds')) || TIMEOUT_S;
    const timer = setTimeout(() => {
      if (hasBookmarks) bookmark();
      this.end();
    }, seconds * 1_000);
    this.#ends.push(() => clearTimeout(timer));
  }

  end(): void {
    for (const end of this.#ends.splice(0)) end();
    this.#response.end();
  }

  /** As when the connection breaks. */
  cut(): void {
    for (const end of this.#ends.splice(0)) end();
    this.#response.destroy();
  }

  #send(type: string, object: JsonDocument): void {
    if (!this.#response.writableEnded) this.#response.write(`${JSON.stringify({ type, object })}\n`);
  }
}
