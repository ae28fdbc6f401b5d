/** Answers requests for objects and what is below them, once it is settled that they are allowed. */

import { answerReview } from '../access/reviews.ts';
import type { User, Users } from '../access/users.ts';
import { documentAt, type JsonDocument, listAt, numberAt, textAt, textsAt, withAt } from '../document.ts';
import type { ObjectApi, ObjectName } from '../objects/object-api.ts';
import { findResourceType, isCustom, type ResourceType, reviewTypes } from '../objects/resource-types.ts';
import { evict } from '../pods/eviction.ts';
import type { PodRuntime } from '../pods/pod-runtime.ts';
import { badRequest, detailsOf, methodNotAllowed, noSuchResource, StatusError, success } from '../status.ts';
import { type Answer, document } from './answers.ts';
import { documentOf, isApply, patchOf } from './bodies.ts';
import { listObjects, selectionOf } from './list.ts';
import { answerLog } from './pod-logs.ts';
import type { RequestInfo } from './request-info.ts';
import { answerProxy, type ServiceHandlers } from './service-proxy.ts';
import { tableOf } from './tables.ts';
import { Watch } from './watch.ts';

export interface ResourceRequest {
  readonly info: RequestInfo;
  readonly user: User;
  readonly body: Buffer;
  readonly contentType: string;
  readonly accept: string;
}

export interface ResourceParts {
  readonly api: ObjectApi;
  readonly runtime: PodRuntime;
  readonly users: Users;
  readonly services: ServiceHandlers;
  readonly watches: Set<Watch>;
}

export function answerResource(parts: ResourceParts, request: ResourceRequest): Answer | Promise<Answer> {
  const { info, user } = request;
  const type = findResourceType(info.group, info.version, info.resource);
  if (type === undefined) throw noSuchResource();
  if (reviewTypes.includes(type)) {
    if (info.verb !== 'create') throw methodNotAllowed();
    const body = documentOf(request.body, request.contentType);
    return document(answerReview(parts.api.store, user, type, body), 201);
  }
  if (info.subresource !== '') return answerBelow(parts, request, type);
  const isDryRun = info.query.getAll('dryRun').includes('All');
  switch (info.verb) {
    case 'list':
      return shown(request, type, listObjects(parts.api.store, type, info.namespace, info.query));
    case 'watch':
      return watch(parts, request, type);
    case 'get':
      return shown(request, type, parts.api.get(placeOf(info, type)));
    case 'create': {
      if (type.isNamespaced && info.namespace === '') throw methodNotAllowed();
      const body = documentOf(request.body, request.contentType);
      return shown(request, type, parts.api.create(type, info.namespace, body, { isDryRun }), 201);
    }
    case 'update':
    case 'patch':
      return alter(parts, request, type, '');
    case 'delete':
      return remove(parts, request, type);
    case 'deletecollection':
      return removeAll(parts, request, type);
    default:
      throw methodNotAllowed();
  }
}

function placeOf(info: RequestInfo, type: ResourceType): ObjectName {
  return { type, namespace: type.isNamespaced ? info.namespace : '', name: info.name };
}

/** As itself, or as a table, where that is what the client likes best. */
function shown(
  { info, accept }: ResourceRequest,
  type: ResourceType,
  content: JsonDocument,
  code = 200,
): Answer {
  const isTable = /;\s*as=Table/.test(accept.split(',')[0] ?? '');
  return document(
    isTable ? tableOf(type, content, info.query.get('includeObject') ?? 'Metadata') : content,
    code,
  );
}

function watch(parts: ResourceParts, request: ResourceRequest, type: ResourceType): Answer {
  const { info, accept } = request;
  const isTable = /;\s*as=Table/.test(accept.split(',')[0] ?? '');
  // Selectors that are none are to fail before the head is sent.
  selectionOf(type, info.query);
  return {
    kind: 'stream',
    contentType: 'application/json',
    begin: (response) => {
      const show = (object: JsonDocument): JsonDocument => (isTable ? tableOf(type, object) : object);
      const asked = { type, namespace: info.namespace, query: info.query, show };
      const opened = new Watch(parts.api.store, asked, response);
      parts.watches.add(opened);
      response.once('close', () => parts.watches.delete(opened));
    },
  };
}

/** Updates and patches, of the object or of a part of it. */
function alter(parts: ResourceParts, request: ResourceRequest, type: ResourceType, part: string): Answer {
  const { info, body, contentType } = request;
  const place = placeOf(info, type);
  const options = { isDryRun: info.query.getAll('dryRun').includes('All'), part };
  if (info.verb === 'update') {
    const sent = documentOf(body, contentType);
    return shown(
      request,
      type,
      parts.api.modify(place, () => sent, options),
    );
  }
  const patch = patchOf(body, contentType, !isCustom(type));
  if (isApply(contentType)) {
    if (!info.query.has('fieldManager')) {
      throw badRequest(
        'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
      );
    }
    if (parts.api.store.get(type, place.namespace, place.name) === undefined) {
      const made = parts.api.create(
        type,
        place.namespace,
        withAt(patch({}), ['metadata', 'name'], place.name),
        options,
      );
      return shown(request, type, made, 201);
    }
  }
  return shown(request, type, parts.api.modify(place, patch, options));
}

function remove(parts: ResourceParts, request: ResourceRequest, type: ResourceType): Answer {
  const { info } = request;
  const place = placeOf(info, type);
  const options = deleteOptionsOf(request);
  const uid = textAt(parts.api.get(place), 'metadata', 'uid');
  const isDryRun = textsAt(options, 'dryRun').includes('All');
  const left = parts.api.delete(place, options, { isDryRun });
  return document(left ?? success({ ...detailsOf(type, info.name), uid }));
}

function removeAll(parts: ResourceParts, request: ResourceRequest, type: ResourceType): Answer {
  const { info } = request;
  const options = deleteOptionsOf(request);
  const isDryRun = textsAt(options, 'dryRun').includes('All');
  const found = listObjects(parts.api.store, type, info.namespace, info.query);
  for (const item of listAt(found, 'items')) {
    const namespace = textAt(item, 'metadata', 'namespace');
    parts.api.delete({ type, namespace, name: textAt(item, 'metadata', 'name') }, options, { isDryRun });
  }
  return document(found);
}

/** From the body, or from the query, where older clients have them. */
function deleteOptionsOf({ info, body, contentType }: ResourceRequest): JsonDocument {
  const grace = info.query.get('gracePeriodSeconds');
  const policy = info.query.get('propagationPolicy');
  const dryRun = info.query.getAll('dryRun');
  return {
    ...(grace === null ? {} : { gracePeriodSeconds: Number(grace) }),
    ...(policy === null ? {} : { propagationPolicy: policy }),
    ...(dryRun.length === 0 ? {} : { dryRun }),
    ...documentOf(body, contentType),
  };
}

function answerBelow(
  parts: ResourceParts,
  request: ResourceRequest,
  type: ResourceType,
): Answer | Promise<Answer> {
  const { info } = request;
  const known = type.subresources.find(({ name }) => name === info.subresource);
  if (known === undefined) throw noSuchResource();
  if (!known.verbs.includes(info.verb)) throw methodNotAllowed();
  const place = placeOf(info, type);
  const isDryRun = info.query.getAll('dryRun').includes('All');
  switch (info.subresource) {
    case 'status':
    case 'ephemeralcontainers':
      if (info.verb === 'get') return shown(request, type, parts.api.get(place));
      return alter(parts, request, type, info.subresource);
    case 'scale':
      return answerScale(parts.api, request, place, isDryRun);
    case 'eviction': {
      const eviction = documentOf(request.body, request.contentType);
      const isTrial = isDryRun || textsAt(eviction, 'deleteOptions', 'dryRun').includes('All');
      return document(evict(parts.api, info.namespace, info.name, eviction, { isDryRun: isTrial }), 201);
    }
    case 'binding': {
      const nodeName = textAt(documentOf(request.body, request.contentType), 'target', 'name');
      parts.api.modify(place, (now) => withAt(now, ['spec', 'nodeName'], nodeName), {
        part: 'all',
        isDryRun,
      });
      return document(success(), 201);
    }
    case 'token':
      parts.api.get(place);
      return document(tokenOf(parts.users, info, documentOf(request.body, request.contentType)), 201);
    case 'log':
      return answerLog(parts, parts.api.get(place), info.query);
    case 'proxy':
      return answerProxy(parts.api, parts.services, request);
    default:
      // Streams that were not asked to be upgraded.
      throw new StatusError({ code: 400, reason: 'BadRequest', message: 'Upgrade request required' });
  }
}

function answerScale(api: ObjectApi, request: ResourceRequest, place: ObjectName, isDryRun: boolean): Answer {
  const { info, body, contentType } = request;
  if (info.verb === 'get') return document(scaleOf(api.get(place)));
  const wanted = (now: JsonDocument): number => {
    const sent =
      info.verb === 'update' ? documentOf(body, contentType) : patchOf(body, contentType, true)(scaleOf(now));
    return numberAt(sent, 'spec', 'replicas') ?? 0;
  };
  const changed = api.modify(place, (now) => withAt(now, ['spec', 'replicas'], wanted(now)), { isDryRun });
  return document(scaleOf(changed));
}

function scaleOf(object: JsonDocument): JsonDocument {
  const {
    name = '',
    namespace = '',
    uid = '',
    resourceVersion = '',
    creationTimestamp = '',
  } = documentAt(object, 'metadata');
  const labels = documentAt(object, 'spec', 'selector', 'matchLabels');
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: numberAt(object, 'spec', 'replicas') ?? 0 },
    status: {
      replicas: numberAt(object, 'status', 'replicas') ?? 0,
      selector: Object.entries(labels)
        .map(([key, value]) => `${key}=${value}`)
        .join(','),
    },
  };
}

function tokenOf(users: Users, info: RequestInfo, body: JsonDocument): JsonDocument {
  const spec = { expirationSeconds: 3_600, ...documentAt(body, 'spec') };
  const token = users.serviceAccountToken(info.namespace, info.name);
  const expirationTimestamp = new Date(Date.now() + 3_600_000).toISOString();
  const metadata = { name: info.name, namespace: info.namespace };
  const apiVersion = 'authentication.k8s.io/v1';
  return { kind: 'TokenRequest', apiVersion, metadata, spec, status: { token, expirationTimestamp } };
}
