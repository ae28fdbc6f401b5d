/**
 * What may be done with objects, whatever their kind: creating, altering with optimistic concurrency, deleting with
 * preconditions, grace and finalizers. Controllers use it as requests do; who may is settled before.
 */

import { randomInt, randomUUID } from 'node:crypto';
import {
  documentAt,
  documentsAt,
  isSame,
  type JsonDocument,
  listAt,
  numberAt,
  textAt,
  withAt,
} from '../document.ts';
import {
  alreadyExists,
  badRequest,
  conflict,
  invalid,
  notFound,
  qualifiedName,
  StatusError,
  staleVersion,
} from '../status.ts';
import { withDefaults } from './defaults.ts';
import { isTerminating, type ObjectStore, renderTime } from './object-store.ts';
import {
  apiVersionOf,
  namespaces,
  pods,
  type ResourceType,
  resourceTypes,
  serviceAccounts,
} from './resource-types.ts';
import { flawsOf } from './validation.ts';

export interface ObjectName {
  readonly type: ResourceType;
  /** Empty for kinds without. */
  readonly namespace: string;
  readonly name: string;
}

export interface WriteOptions {
  /** Checks all and answers the same, and changes nothing. */
  readonly isDryRun?: boolean;
  /** Which part may change: `status`, `ephemeralcontainers`. Absent: all but the status. `all`: everything. */
  readonly part?: string;
}

const SUFFIX = 'bcdfghjklmnpqrstvwxz2456789';

/** Five characters, as API servers and controllers append them to names. */
export function randomSuffix(length = 5): string {
  return Array.from({ length }, () => SUFFIX[randomInt(SUFFIX.length)]).join('');
}

export class ObjectApi {
  readonly store: ObjectStore;

  constructor(store: ObjectStore) {
    this.store = store;
  }

  get({ type, namespace, name }: ObjectName): JsonDocument {
    const found = this.store.get(type, namespace, name);
    if (found === undefined) throw notFound(type, name);
    return found;
  }

  create(
    type: ResourceType,
    namespace: string,
    body: JsonDocument,
    { isDryRun = false }: WriteOptions = {},
  ): JsonDocument {
    const typed = typedAs(type, namespace, body);
    const metadata = documentAt(typed, 'metadata');
    const prefix = textAt(metadata, 'generateName');
    const name = textAt(metadata, 'name') || (prefix === '' ? '' : `${prefix}${randomSuffix()}`);
    const { resourceVersion, deletionTimestamp: _, ...given } = metadata;
    if (resourceVersion !== undefined && resourceVersion !== '') {
      throw badRequest('resourceVersion should not be set on objects to be created');
    }
    const object = withDefaults(type, {
      ...typed,
      metadata: {
        ...given,
        name,
        ...(type.isNamespaced ? { namespace } : {}),
        uid: randomUUID(),
        creationTimestamp: renderTime(Date.now()),
        ...('spec' in typed ? { generation: 1 } : {}),
      },
    });
    if (type.isNamespaced) this.#checkNamespace(type, namespace, name);
    if (type === pods)
      this.#checkServiceAccount(namespace, name, textAt(object, 'spec', 'serviceAccountName'));
    const flaws = flawsOf(type, object, undefined);
    if (flaws.length > 0) throw invalid(type, name, flaws);
    if (this.store.get(type, namespace, name) !== undefined) throw alreadyExists(type, name);
    if (isDryRun) return object;
    const made = this.store.put(type, object);
    if (type === namespaces) this.create(serviceAccounts, name, { metadata: { name: 'default' } });
    return made;
  }

  /** Stores what `change` makes of the object as it is now. Throws a 409 when that is of another version. */
  modify(
    place: ObjectName,
    change: (now: JsonDocument) => JsonDocument,
    options: WriteOptions = {},
  ): JsonDocument {
    const { type, namespace, name } = place;
    const now = this.get(place);
    const sent = typedAs(type, namespace, change(now));
    if (textAt(sent, 'metadata', 'name') !== name) {
      const given = textAt(sent, 'metadata', 'name');
      throw badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`);
    }
    this.#checkVersion(place, now, sent);
    const next = withGeneration(now, settledParts(type, now, sent, options.part ?? ''));
    const flaws = options.part === undefined || options.part === '' ? flawsOf(type, next, now) : [];
    if (flaws.length > 0) throw invalid(type, name, flaws);
    if (options.isDryRun) return next;
    if (isTerminating(now) && listAt(next, 'metadata', 'finalizers').length === 0 && type !== pods) {
      if (type !== namespaces) return this.store.remove(type, next);
    }
    return this.store.put(type, next);
  }

  /**
   * Answers the object where there is something to show of it, as it is now. `undefined`: it is gone, and its kind shows no
   * more of it.
   */
  delete(
    place: ObjectName,
    options: JsonDocument = {},
    { isDryRun = false }: WriteOptions = {},
  ): JsonDocument | undefined {
    const { type, name } = place;
    const now = this.get(place);
    this.#checkPreconditions(place, now, documentAt(options, 'preconditions'));
    const graceS = type === pods ? podGrace(now, options) : 0;
    const isKept = graceS > 0 || listAt(now, 'metadata', 'finalizers').length > 0 || type === namespaces;
    if (isDryRun) return type === pods ? now : undefined;
    if (textAt(options, 'propagationPolicy') === 'Orphan') this.#orphan(textAt(now, 'metadata', 'uid'));
    if (!isKept) {
      const last = this.store.remove(type, now);
      return type === pods ? last : undefined;
    }
    const before = numberAt(now, 'metadata', 'deletionGracePeriodSeconds');
    if (isTerminating(now) && (before === undefined || before <= graceS)) return now;
    const marked = {
      ...documentAt(now, 'metadata'),
      name,
      deletionTimestamp: renderTime(Date.now() + graceS * 1_000),
      ...(type === namespaces ? {} : { deletionGracePeriodSeconds: graceS }),
    };
    const status = type === namespaces ? { phase: 'Terminating' } : documentAt(now, 'status');
    return this.store.put(type, { ...now, metadata: marked, ...('status' in now ? { status } : {}) });
  }

  #checkNamespace(type: ResourceType, namespace: string, name: string): void {
    const found = this.store.get(namespaces, '', namespace);
    if (found === undefined) throw notFound(namespaces, namespace);
    if (!isTerminating(found)) return;
    const message = `${qualifiedName(type)} "${name}" is forbidden: unable to create new content in namespace ${namespace} because it is being terminated`;
    throw new StatusError({
      code: 403,
      reason: 'Forbidden',
      message,
      details: { name, kind: type.resource },
    });
  }

  #checkServiceAccount(namespace: string, name: string, account: string): void {
    if (this.store.get(serviceAccounts, namespace, account) !== undefined) return;
    const message = `pods "${name}" is forbidden: error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`;
    throw new StatusError({ code: 403, reason: 'Forbidden', message, details: { name, kind: 'pods' } });
  }

  #checkVersion({ type, name }: ObjectName, now: JsonDocument, sent: JsonDocument): void {
    const uid = textAt(sent, 'metadata', 'uid');
    const own = textAt(now, 'metadata', 'uid');
    if (uid !== '' && uid !== own) {
      const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${own}`;
      throw conflict(type, name, why);
    }
    const version = textAt(sent, 'metadata', 'resourceVersion');
    if (version === '' && type.resource === 'leases') {
      const detail = 'must be specified for an update';
      throw invalid(type, name, [{ field: 'metadata.resourceVersion', kind: 'Invalid', value: '', detail }]);
    }
    if (version !== '' && version !== textAt(now, 'metadata', 'resourceVersion'))
      throw staleVersion(type, name);
  }

  #checkPreconditions({ type, name }: ObjectName, now: JsonDocument, wanted: JsonDocument): void {
    const uid = textAt(wanted, 'uid');
    const own = textAt(now, 'metadata', 'uid');
    if (uid !== '' && uid !== own) {
      const why = `the UID in the precondition (${uid}) does not match the UID in record (${own}). The object might have been deleted and then recreated`;
      throw conflict(type, name, why);
    }
    const version = textAt(wanted, 'resourceVersion');
    const present = textAt(now, 'metadata', 'resourceVersion');
    if (version !== '' && version !== present) {
      const why = `the ResourceVersion in the precondition (${version}) does not match the ResourceVersion in record (${present}). The object might have been modified`;
      throw conflict(type, name, why);
    }
  }

  /** Lets what the object owned live on, as nobody's. */
  #orphan(uid: string): void {
    for (const type of resourceTypes) {
      for (const object of this.store.list(type)) {
        const references = documentsAt(object, 'metadata', 'ownerReferences');
        const others = references.filter((reference) => textAt(reference, 'uid') !== uid);
        if (others.length < references.length) {
          this.store.put(type, withAt(object, ['metadata', 'ownerReferences'], others));
        }
      }
    }
  }
}

/** With its kind and namespace, after a look at whether they are those of the path. */
function typedAs(type: ResourceType, namespace: string, body: JsonDocument): JsonDocument {
  const kind = textAt(body, 'kind') || type.kind;
  const apiVersion = textAt(body, 'apiVersion') || apiVersionOf(type);
  if (kind !== type.kind || apiVersion !== apiVersionOf(type)) {
    const message = `${kind} in version "${apiVersion}" cannot be handled as a ${type.kind}: the object provided is unrecognized (must be of type ${type.kind})`;
    throw badRequest(message);
  }
  const given = textAt(body, 'metadata', 'namespace');
  if (type.isNamespaced && given !== '' && given !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  const metadata = { ...documentAt(body, 'metadata'), ...(type.isNamespaced ? { namespace } : {}) };
  return { ...body, apiVersion, kind, metadata };
}

/** Of what was sent only the parts that the request is about; what servers set stays as it is. */
function settledParts(type: ResourceType, now: JsonDocument, sent: JsonDocument, part: string): JsonDocument {
  const fixed = ['uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'generation'];
  let metadata = documentAt(sent, 'metadata');
  for (const key of fixed) metadata = withAt(metadata, [key], documentAt(now, 'metadata')[key]);
  const version = documentAt(now, 'metadata').resourceVersion;
  metadata = withAt(metadata, ['resourceVersion'], version);
  const next = { ...sent, metadata };
  if (part === 'all') return next;
  if (part === 'status')
    return withAt({ ...now, metadata: documentAt(now, 'metadata') }, ['status'], sent.status);
  if (part === 'ephemeralcontainers') {
    const added = listAt(sent, 'spec', 'ephemeralContainers');
    return withAt(now, ['spec', 'ephemeralContainers'], added);
  }
  const hasStatus = type.subresources.some(({ name }) => name === 'status');
  return withDefaults(type, hasStatus ? withAt(next, ['status'], now.status) : next);
}

function withGeneration(now: JsonDocument, next: JsonDocument): JsonDocument {
  if (isSame(now.spec, next.spec)) return next;
  return withAt(next, ['metadata', 'generation'], (numberAt(now, 'metadata', 'generation') ?? 0) + 1);
}

/** A pod that runs nowhere, or no longer, goes at once. */
function podGrace(pod: JsonDocument, options: JsonDocument): number {
  const isIdle = textAt(pod, 'spec', 'nodeName') === '';
  const isOver = ['Succeeded', 'Failed'].includes(textAt(pod, 'status', 'phase'));
  if (isIdle || isOver) return 0;
  const own = numberAt(pod, 'spec', 'terminationGracePeriodSeconds') ?? 30;
  return numberAt(options, 'gracePeriodSeconds') ?? own;
}
