/** The Kubernetes API as actions see it: few verbs over any kind of object. The official client is behind it. */

import type { JsonObject } from '@peregrine/base';

/** A kind of object: where the API has it. */
export interface KubeKind {
  /** `v1`, `apps/v1`. */
  readonly apiVersion: string;
  readonly kind: string;
  /** In paths and in RBAC: `pods`. */
  readonly resource: string;
  readonly isNamespaced: boolean;
}

export interface ObjectPlace {
  readonly kind: KubeKind;
  /** Empty for kinds without. */
  readonly namespace: string;
  readonly name: string;
}

export interface KubePatch {
  readonly type: 'json' | 'merge' | 'strategic';
  readonly body: unknown;
}

export interface ExecRequest {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** A program and its arguments. */
  readonly command: readonly string[];
  readonly stdin?: Uint8Array;
  /** Of standard output and of standard error, each. */
  readonly mostBytes: number;
}

export interface ExecResult {
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** 0: it went well. `undefined`: nobody told. */
  readonly exitCode: number | undefined;
  /** More came than was asked for. */
  readonly isCut: boolean;
}

/**
 * All calls reject with a `KubeFailure` when the API server says no or cannot be reached, and with the signal's reason when
 * it was aborted. In a dry run the server checks each change and makes none; what cannot be tried like that is not asked for.
 */
export interface KubePort {
  readonly isDryRun: boolean;
  /** `undefined`: there is none of that name. */
  get(place: ObjectPlace, signal: AbortSignal): Promise<JsonObject | undefined>;
  /** All pages. A selector is as in `kubectl -l`. An empty namespace: all of them. */
  list(
    request: {
      readonly kind: KubeKind;
      readonly namespace: string;
      readonly labelSelector?: string;
      readonly fieldSelector?: string;
    },
    signal: AbortSignal,
  ): Promise<readonly JsonObject[]>;
  create(place: ObjectPlace, body: JsonObject, signal: AbortSignal): Promise<JsonObject>;
  /** Fails with 409 where `metadata.resourceVersion` is not the present one. */
  replace(place: ObjectPlace, body: JsonObject, signal: AbortSignal): Promise<JsonObject>;
  patch(place: ObjectPlace, patch: KubePatch, signal: AbortSignal): Promise<JsonObject>;
  /** `uid`: only if it is that one. `graceSeconds` absent: the object's own. */
  delete(
    place: ObjectPlace,
    options: { readonly graceSeconds?: number | undefined; readonly uid?: string | undefined },
    signal: AbortSignal,
  ): Promise<void>;
  /** Creates or patches below an object: `eviction`, `ephemeralcontainers`, `scale`. */
  subresource(
    request: {
      readonly place: ObjectPlace;
      readonly name: string;
      readonly verb: 'create' | 'patch' | 'get';
      readonly body?: unknown;
      readonly patchType?: KubePatch['type'];
    },
    signal: AbortSignal,
  ): Promise<JsonObject>;
  /** Runs a program in a container. In a dry run: an empty result with exit code 0, and nothing runs. */
  exec(request: ExecRequest, signal: AbortSignal): Promise<ExecResult>;
  log(
    request: {
      readonly namespace: string;
      readonly pod: string;
      readonly container: string;
      readonly tailLines: number;
      readonly mostBytes: number;
    },
    signal: AbortSignal,
  ): Promise<Uint8Array>;
}

/** The API server's no, or that it could not be asked. */
export class KubeFailure extends Error {
  /** 0: there was no answer. */
  readonly status: number;
  /** `NotFound`, `Conflict`, `Forbidden`... as the server has it. */
  readonly reason: string;
  /** What the server asks to wait. */
  readonly afterMs: number | undefined;
  /** Whether the request may have been carried out. */
  readonly mayBeDone: boolean;

  constructor(
    message: string,
    facts: {
      readonly status: number;
      readonly reason: string;
      readonly afterMs?: number | undefined;
      readonly mayBeDone: boolean;
      readonly cause?: unknown;
    },
  ) {
    super(message, { cause: facts.cause });
    this.name = 'KubeFailure';
    this.status = facts.status;
    this.reason = facts.reason;
    this.afterMs = facts.afterMs;
    this.mayBeDone = facts.mayBeDone;
  }
}
