/**
 * Asks a runtime over the Kubernetes container runtime interface: gRPC on a local socket. The gRPC library is loaded
 * with the first client, since most machines need none.
 */

import type * as Grpc from '@grpc/grpc-js';
import type { ClientOptions, InspectedContainer, RuntimeClient } from '../runtime-client.ts';
import {
  decodeContainer,
  decodeSandbox,
  decodeSandboxId,
  decodeVersion,
  type SandboxAnswer,
} from './cri-answers.ts';
import { containerMetadata, sandboxMetadata } from './cri-container.ts';
import { encodeMessage, type Question } from './wire-message.ts';

const MOST_ANSWER_BYTES = 4 * 1024 * 1024;
const RECONNECT_MS = { first: 100, most: 5_000 };
/** Newest first. */
const apiVersions = ['runtime.v1', 'runtime.v1alpha2'] as const;

type Library = typeof Grpc;

interface Api {
  readonly service: (typeof apiVersions)[number];
  /** As `container.type` shows it. */
  readonly type: string;
}

export async function openCri(options: ClientOptions): Promise<RuntimeClient> {
  return new CriClient(await import('@grpc/grpc-js'), options);
}

class CriClient implements RuntimeClient {
  readonly #library: Library;
  readonly #client: Grpc.Client;
  readonly #options: ClientOptions;
  #api: Api | undefined;

  constructor(library: Library, options: ClientOptions) {
    this.#library = library;
    this.#options = options;
    this.#client = new library.Client(`unix:${options.socket}`, library.credentials.createInsecure(), {
      'grpc.max_receive_message_length': MOST_ANSWER_BYTES,
      'grpc.initial_reconnect_backoff_ms': RECONNECT_MS.first,
      'grpc.max_reconnect_backoff_ms': RECONNECT_MS.most,
      'grpc.enable_http_proxy': 0,
      'grpc.enable_channelz': 0,
    });
  }

  async inspect(fullId: string, signal: AbortSignal): Promise<InspectedContainer | undefined> {
    const { bounds } = this.#options;
    const api = await this.#findApi(signal);
    const ask = <T>(method: string, fields: Question, decode: (bytes: Buffer) => T) =>
      this.#ask(`/${api.service}.RuntimeService/${method}`, fields, { decode, signal });
    const sandboxOf = (id: string): Promise<SandboxAnswer | undefined> =>
      ask('PodSandboxStatus', { 1: id, 2: true }, decodeSandbox);

    const sandboxId = await this.#ask(
      `/${api.service}.RuntimeService/ListContainers`,
      // A filter by id, in the list's one field.
      { 1: encodeMessage({ 1: fullId }) },
      { decode: decodeSandboxId, signal },
    );
    if (sandboxId === undefined) {
      const sandbox = await sandboxOf(fullId);
      if (sandbox === undefined) return undefined;
      if (sandbox.id !== fullId) throw anotherOne();
      return { type: api.type, metadata: sandboxMetadata(sandbox, bounds) };
    }
    const [container, sandbox] = await Promise.all([
      ask('ContainerStatus', { 1: fullId, 2: true }, decodeContainer),
      sandboxId === '' ? undefined : sandboxOf(sandboxId),
    ]);
    if (container === undefined) return undefined;
    if (container.id !== fullId) throw anotherOne();
    return { type: api.type, metadata: containerMetadata(container, sandboxId, sandbox, bounds) };
  }

  close(): void {
    this.#client.close();
  }

  /** Which version it speaks, and who it is; asked once. */
  async #findApi(signal: AbortSignal): Promise<Api> {
    if (this.#api !== undefined) return this.#api;
    for (const service of apiVersions) {
      const path = `/${service}.RuntimeService/Version`;
      const version = await this.#ask(
        path,
        {},
        { decode: decodeVersion, signal, isAbsent: this.#isUnknownService },
      );
      if (version === undefined) continue;
      const type = ['containerd', 'cri-o'].includes(version.runtimeName) ? version.runtimeName : 'cri';
      this.#api = { service, type };
      return this.#api;
    }
    throw new Error(`it speaks neither ${apiVersions.join(' nor ')}`);
  }

  readonly #isUnknownService = (code: number): boolean => code === this.#library.status.UNIMPLEMENTED;
  readonly #isNotFound = (code: number): boolean => code === this.#library.status.NOT_FOUND;

  /** `undefined` where the answer's status means that there is no such thing. */
  #ask<T>(
    path: string,
    fields: Question,
    { decode, signal, isAbsent = this.#isNotFound }: AskOptions<T>,
  ): Promise<T | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<T | undefined>();
    if (signal.aborted) return Promise.reject(signal.reason);
    const call = this.#client.makeUnaryRequest(path, encodeMessage, decode, fields, (error, answer) => {
      signal.removeEventListener('abort', cancel);
      if (error === null) resolve(answer);
      else if (isAbsent(error.code)) resolve(undefined);
      else reject(signal.aborted ? signal.reason : new Error(error.details, { cause: error }));
    });
    const cancel = (): void => call.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    return promise;
  }
}

interface AskOptions<T> {
  readonly decode: (bytes: Buffer) => T;
  readonly signal: AbortSignal;
  readonly isAbsent?: (code: number) => boolean;
}

function anotherOne(): Error {
  return new Error('it tells of another container than the one asked for');
}
