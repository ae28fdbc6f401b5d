/**
 * The Kubernetes API behind `KubePort`. The kinds of objects and their paths are known, so that nothing has to be found out
 * first: each call is one request.
 */

import { type JsonObject, listIn, objectIn, parseObject, textIn } from '@peregrine/base';
import { collectionPath, objectPath } from './api-path.ts';
import { ApiConnection, type ApiRequest } from './connection.ts';
import { execInPod } from './exec-stream.ts';
import { pods } from './kinds.ts';
import { type KubePlace, openKubeAccess } from './kube-access.ts';
import { KubeFailure, type KubePatch, type KubePort } from './kube-port.ts';

const PAGE_COUNT = 500;
const MOST_ANSWER_BYTES = 64 * 1024 * 1024;
const JSON_TYPE = 'application/json';
const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
} as const satisfies Readonly<Record<KubePatch['type'], string>>;

export interface OpenedKube {
  readonly port: KubePort;
  /** The server checks each change, and makes none. */
  readonly dryPort: KubePort;
  readonly close: () => void;
}

/**
 * Reads who we are and where the API server is; rejects with a `Fault` where nothing says it. A first connection is made
 * in the background, so that the first action does not wait for it.
 */
export async function openKube(place: KubePlace): Promise<OpenedKube> {
  const connection = new ApiConnection(await openKubeAccess(place));
  const version = { method: 'GET', path: '/version', mostBytes: 64 * 1024, isRepeatable: true } as const;
  // Who cannot be reached now may be when it counts, and is told then.
  connection.send(version, AbortSignal.timeout(10_000)).catch(() => {});
  return {
    port: createKubePort(connection, false),
    dryPort: createKubePort(connection, true),
    close: () => connection.close(),
  };
}

function createKubePort(connection: ApiConnection, isDryRun: boolean): KubePort {
  const dryQuery = isDryRun ? '?dryRun=All' : '';

  async function send(request: Omit<ApiRequest, 'mostBytes'>, signal: AbortSignal): Promise<JsonObject> {
    const { body } = await connection.send({ ...request, mostBytes: MOST_ANSWER_BYTES }, signal);
    return objectOf(body, request);
  }

  function change(
    method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    content: { readonly body: unknown; readonly contentType?: string; readonly isRepeatable?: boolean },
    signal: AbortSignal,
  ): Promise<JsonObject> {
    const { body, contentType = JSON_TYPE, isRepeatable = isDryRun } = content;
    const text = JSON.stringify(body);
    return send({ method, path: `${path}${dryQuery}`, body: { contentType, text }, isRepeatable }, signal);
  }

  return {
    isDryRun,
    get: async (place, signal) => {
      try {
        return await send({ method: 'GET', path: objectPath(place), isRepeatable: true }, signal);
      } catch (error) {
        if (error instanceof KubeFailure && error.status === 404) return undefined;
        throw error;
      }
    },
    list: async ({ kind, namespace, labelSelector, fieldSelector }, signal) => {
      const found: JsonObject[] = [];
      let next = '';
      do {
        const query = new URLSearchParams({ limit: String(PAGE_COUNT) });
        if (labelSelector !== undefined) query.set('labelSelector', labelSelector);
        if (fieldSelector !== undefined) query.set('fieldSelector', fieldSelector);
        if (next !== '') query.set('continue', next);
        const path = `${collectionPath(kind, namespace)}?${query.toString()}`;
        const page: JsonObject = await send({ method: 'GET', path, isRepeatable: true }, signal);
        for (const item of listIn(page.items)) found.push(objectIn(item) ?? {});
        next = textIn(objectIn(page.metadata)?.continue);
      } while (next !== '');
      return found;
    },
    create: (place, body, signal) =>
      change('POST', collectionPath(place.kind, place.namespace), { body }, signal),
    replace: (place, body, signal) => change('PUT', objectPath(place), { body }, signal),
    patch: (place, { type, body }, signal) =>
      change('PATCH', objectPath(place), { body, contentType: patchTypes[type] }, signal),
    delete: async (place, { graceSeconds, uid }, signal) => {
      const body = {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        // As kubectl does: what belongs to it goes, too.
        propagationPolicy: 'Background',
        ...(graceSeconds === undefined ? {} : { gracePeriodSeconds: graceSeconds }),
        ...(uid === undefined ? {} : { preconditions: { uid } }),
        ...(isDryRun ? { dryRun: ['All'] } : {}),
      };
      const isRepeatable = isDryRun || uid !== undefined;
      await change('DELETE', objectPath(place), { body, isRepeatable }, signal);
    },
    subresource: ({ place, name, verb, body, patchType = 'strategic' }, signal) => {
      const path = `${objectPath(place)}/${name}`;
      if (verb === 'get') return send({ method: 'GET', path, isRepeatable: true }, signal);
      return verb === 'create'
        ? change('POST', path, { body }, signal)
        : change('PATCH', path, { body, contentType: patchTypes[patchType] }, signal);
    },
    exec: async (request, signal) => {
      if (!isDryRun) return execInPod(connection, request, signal);
      const nothing = new Uint8Array();
      return { stdout: nothing, stderr: nothing, exitCode: 0, isCut: false };
    },
    log: async ({ namespace, pod, container, tailLines, mostBytes }, signal) => {
      const query = new URLSearchParams({
        ...{ container, tailLines: String(tailLines), limitBytes: String(mostBytes) },
      });
      const folder = `${objectPath({ kind: pods, namespace, name: pod })}/log`;
      const path = `${folder}?${query.toString()}`;
      const request = { method: 'GET', path, accept: '*/*', mostBytes, isRepeatable: true } as const;
      return (await connection.send(request, signal)).body;
    },
  };
}

function objectOf(body: Uint8Array, { method, path }: Pick<ApiRequest, 'method' | 'path'>): JsonObject {
  const found = parseObject(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
  if (found !== undefined) return found;
  throw new KubeFailure(`${method} ${path.split('?', 1)[0]}: the API server's answer is no JSON object`, {
    ...{ status: 502, reason: 'BadAnswer', mayBeDone: method !== 'GET' },
  });
}
