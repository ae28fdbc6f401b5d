/**
 * A cluster in memory behind `KubePort`, for tests: objects with uids and versions, patches, preconditions, pages of what was
 * asked, and failures that a test asks for. What a controller or a kubelet would do, a test does.
 */

import { type JsonObject, listIn, objectIn, textIn } from '@peregrine/base';
import type { ActionPorts } from '../src/action.ts';
import { placeText } from '../src/kubernetes/api-path.ts';
import {
  type ExecRequest,
  type ExecResult,
  KubeFailure,
  type KubeKind,
  type KubePatch,
  type KubePort,
  type ObjectPlace,
} from '../src/kubernetes/kube-port.ts';
import { objectMeta } from '../src/kubernetes/object-view.ts';
import { matchesSelector, mergePatch } from './fake-patch.ts';

/** What was asked: `delete pod default/alpine`. */
export interface Asked {
  readonly verb: string;
  readonly at: string;
  readonly body: unknown;
  readonly isDryRun: boolean;
}

const NOTHING = new Uint8Array();

export class FakeKube {
  readonly asked: Asked[] = [];
  /** By verb and place, `get pod default/alpine`, or by verb alone: what the next such call fails with. */
  readonly failures = new Map<string, KubeFailure[]>();
  /** What programs in containers answer. */
  onExec: (request: ExecRequest) => ExecResult = () => ({
    ...{ stdout: NOTHING, stderr: NOTHING },
    ...{ exitCode: 0, isCut: false },
  });
  onLog: (container: string) => string = () => '';
  /** Called before each subresource request; what it gives is the answer, else it is done as the server would. */
  onSubresource: (name: string, at: string) => JsonObject | undefined = () => undefined;
  /** Called after each call that changed something. */
  onChange: (verb: string, place: ObjectPlace) => void = () => {};
  /** For tests that write down there what was changed. */
  readonly changed: string[] = [];
  #count = 0;
  readonly #objects = new Map<string, { readonly place: ObjectPlace; readonly object: JsonObject }>();

  readonly ports: ActionPorts = portsOf(async () => this.port(false));
  readonly dryPorts: ActionPorts = portsOf(async () => this.port(true));

  /** The texts of what was asked: `delete pod default/alpine`, with `dry ` before it in a dry run. */
  get calls(): readonly string[] {
    return this.asked.map(({ verb, at, isDryRun }) => `${isDryRun ? 'dry ' : ''}${verb} ${at}`);
  }

  put(kind: KubeKind, object: JsonObject): JsonObject {
    const { name, namespace, uid } = objectMeta(object);
    const place = { kind, namespace: kind.isNamespaced ? namespace : '', name };
    const stored = this.#stamped(kind, object, uid === '' ? `uid-${++this.#count}` : uid);
    this.#objects.set(keyOf(place), { place, object: stored });
    return stored;
  }

  at(place: ObjectPlace): JsonObject | undefined {
    return this.#objects.get(keyOf(place))?.object;
  }

  /** As somebody else would. */
  change(place: ObjectPlace, patch: JsonObject): void {
    this.#store(place, mergePatch(this.#need(place), patch));
  }

  drop(place: ObjectPlace): void {
    this.#objects.delete(keyOf(place));
  }

  failNext(what: string, ...failures: readonly KubeFailure[]): void {
    this.failures.set(what, [...(this.failures.get(what) ?? []), ...failures]);
  }

  port(isDryRun: boolean): KubePort {
    const ask = (verb: string, at: string, body: unknown, signal: AbortSignal): void => {
      signal.throwIfAborted();
      this.asked.push({ verb, at, body, isDryRun });
      const failure = this.failures.get(`${verb} ${at}`)?.shift() ?? this.failures.get(verb)?.shift();
      if (failure !== undefined) throw failure;
    };
    const done = (verb: string, place: ObjectPlace): void => {
      if (!isDryRun) this.onChange(verb, place);
    };
    const write = (verb: string, place: ObjectPlace, object: JsonObject): JsonObject => {
      if (isDryRun) return object;
      const stored = this.#store(place, object);
      done(verb, place);
      return stored;
    };
    return {
      isDryRun,
      get: async (place, signal) => {
        ask('get', placeText(place), undefined, signal);
        return this.at(place);
      },
      list: async ({ kind, namespace, labelSelector, fieldSelector }, signal) => {
        ask('list', `${kind.resource} ${namespace}`.trim(), { labelSelector, fieldSelector }, signal);
        return [...this.#objects.values()]
          .filter(({ place }) => place.kind.resource === kind.resource)
          .filter(({ place }) => place.kind.apiVersion === kind.apiVersion)
          .filter(({ place }) => namespace === '' || place.namespace === namespace)
          .map(({ object }) => object)
          .filter((object) => matchesSelector(object, labelSelector, fieldSelector));
      },
      create: async (place, body, signal) => {
        const generated = textIn(objectIn(body.metadata)?.generateName);
        const name = place.name === '' ? `${generated}${++this.#count}` : place.name;
        const own = { ...place, name };
        ask('create', placeText(own), body, signal);
        if (this.at(own) !== undefined)
          throw failure(409, 'AlreadyExists', `${placeText(own)} already exists`);
        const named = mergePatch(body, { metadata: { name, namespace: place.namespace } });
        return write('create', own, this.#stamped(place.kind, named, `uid-${++this.#count}`));
      },
      replace: async (place, body, signal) => {
        ask('replace', placeText(place), body, signal);
        const present = this.#need(place);
        const version = objectMeta(body).resourceVersion;
        if (version !== '' && version !== objectMeta(present).resourceVersion) throw conflict(place);
        return write('replace', place, mergePatch(body, { metadata: { uid: objectMeta(present).uid } }));
      },
      patch: async (place, { type, body }, signal) => {
        ask('patch', placeText(place), body, signal);
        return write('patch', place, this.#patched(place, type, body));
      },
      delete: async (place, options, signal) => {
        ask('delete', placeText(place), options, signal);
        const { uid } = objectMeta(this.#need(place));
        if (options.uid !== undefined && options.uid !== uid) throw conflict(place);
        if (isDryRun) return;
        this.drop(place);
        done('delete', place);
      },
      subresource: async ({ place, name, verb, body, patchType = 'strategic' }, signal) => {
        ask(`${verb} ${name} of`, placeText(place), body, signal);
        const object = this.#need(place);
        const answer = this.onSubresource(name, placeText(place));
        if (answer !== undefined) return answer;
        if (name === 'eviction') {
          const options = objectIn(objectIn(body)?.deleteOptions);
          const uid = textIn(objectIn(options?.preconditions)?.uid);
          if (uid !== '' && uid !== objectMeta(object).uid) throw conflict(place);
          if (!isDryRun) {
            this.drop(place);
            done('evict', place);
          }
          return { kind: 'Status', status: 'Success' };
        }
        if (verb === 'get') return object;
        return write(`patch ${name}`, place, this.#patched(place, patchType, body));
      },
      exec: async (request, signal) => {
        const at = `${request.namespace}/${request.pod} ${request.container}`;
        ask('exec', at, request, signal);
        const nothing = { stdout: NOTHING, stderr: NOTHING, exitCode: 0, isCut: false };
        return isDryRun ? nothing : this.onExec(request);
      },
      log: async (request, signal) => {
        ask('log', `${request.namespace}/${request.pod} ${request.container}`, request, signal);
        return Buffer.from(this.onLog(request.container), 'utf8');
      },
    };
  }

  #need(place: ObjectPlace): JsonObject {
    const found = this.at(place);
    if (found !== undefined) return found;
    throw failure(404, 'NotFound', `${placeText(place)} not found`);
  }

  #patched(place: ObjectPlace, type: KubePatch['type'], body: unknown): JsonObject {
    const present = this.#need(place);
    if (type === 'json') throw new Error('the fake knows no JSON patches');
    const patch = objectIn(body) ?? {};
    const version = textIn(objectIn(patch.metadata)?.resourceVersion);
    if (version !== '' && version !== objectMeta(present).resourceVersion) throw conflict(place);
    if (type === 'merge') return mergePatch(present, patch);
    const added = listIn(objectIn(patch.spec)?.ephemeralContainers);
    if (added.length === 0) return mergePatch(present, patch);
    const old = listIn(objectIn(present.spec)?.ephemeralContainers);
    return mergePatch(present, { spec: { ephemeralContainers: [...old, ...added] } });
  }

  #store(place: ObjectPlace, object: JsonObject): JsonObject {
    const stored = this.#stamped(place.kind, object, objectMeta(object).uid);
    this.#objects.set(keyOf(place), { place, object: stored });
    return stored;
  }

  #stamped({ apiVersion, kind }: KubeKind, object: JsonObject, uid: string): JsonObject {
    const metadata = { ...objectIn(object.metadata), uid, resourceVersion: String(++this.#count) };
    return { ...object, apiVersion, kind, metadata };
  }
}

export function failure(status: number, reason: string, message = reason, afterMs?: number): KubeFailure {
  return new KubeFailure(message, { status, reason, mayBeDone: false, afterMs });
}

/** The connection broke after the request was sent. */
export function broken(): KubeFailure {
  return new KubeFailure('the connection broke', { status: 0, reason: 'Unreachable', mayBeDone: true });
}

/** As the API server words it. */
export function forbidden(verb: string, resource: string, namespace = 'default', group = ''): KubeFailure {
  const who = 'User "system:serviceaccount:peregrine:hub"';
  const where = namespace === '' ? ' at the cluster scope' : ` in the namespace "${namespace}"`;
  const message = `${who} cannot ${verb} resource "${resource}" in API group "${group}"${where}`;
  return failure(403, 'Forbidden', message);
}

function conflict(place: ObjectPlace): KubeFailure {
  return failure(409, 'Conflict', `${placeText(place)}: the object has been modified`);
}

const keyOf = (place: ObjectPlace): string => `${place.kind.apiVersion} ${placeText(place)}`;

function portsOf(kube: () => Promise<KubePort>): ActionPorts {
  return {
    kube,
    hands: async () => {
      throw new Error('these tests act on no machine');
    },
    environment: {},
    callFunction: undefined,
    record: undefined,
  };
}
