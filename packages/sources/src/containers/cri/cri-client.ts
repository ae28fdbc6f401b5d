/** Asks a runtime over the Kubernetes container runtime interface. */

import { GrpcSocket } from '../grpc/grpc-socket.ts';
import { encodeMessage, type Question } from '../grpc/wire-message.ts';
import type { ClientOptions, InspectedContainer, RuntimeClient } from '../runtime-client.ts';
import {
  decodeContainer,
  decodeSandbox,
  decodeSandboxId,
  decodeVersion,
  type SandboxAnswer,
} from './cri-answers.ts';
import { containerMetadata, sandboxMetadata } from './cri-container.ts';

/** Newest first. */
const apiVersions = ['runtime.v1', 'runtime.v1alpha2'] as const;

interface Api {
  /** `package.Service`. */
  readonly service: string;
  /** As `container.type` shows it. */
  readonly type: string;
}

export async function openCri(options: ClientOptions): Promise<RuntimeClient> {
  return new CriClient(await GrpcSocket.open(options.socket), options);
}

class CriClient implements RuntimeClient {
  readonly #socket: GrpcSocket;
  readonly #options: ClientOptions;
  #api: Api | undefined;

  constructor(socket: GrpcSocket, options: ClientOptions) {
    this.#socket = socket;
    this.#options = options;
  }

  async inspect(fullId: string, signal: AbortSignal): Promise<InspectedContainer | undefined> {
    const { bounds } = this.#options;
    const { service, type } = await this.#findApi(signal);
    const ask = <T>(method: string, question: Question, decode: (bytes: Uint8Array) => T) =>
      this.#socket.ask(`${service}/${method}`, { question, decode, signal });
    const sandboxOf = (id: string): Promise<SandboxAnswer | undefined> =>
      ask('PodSandboxStatus', { 1: id, 2: true }, decodeSandbox);

    // A filter by id, in the list's one field.
    const sandboxId = await ask('ListContainers', { 1: encodeMessage({ 1: fullId }) }, decodeSandboxId);
    if (sandboxId === undefined) {
      const sandbox = await sandboxOf(fullId);
      if (sandbox === undefined) return undefined;
      if (sandbox.id !== fullId) throw anotherOne();
      return { type, metadata: sandboxMetadata(sandbox, bounds) };
    }
    const [container, sandbox] = await Promise.all([
      ask('ContainerStatus', { 1: fullId, 2: true }, decodeContainer),
      sandboxId === '' ? undefined : sandboxOf(sandboxId),
    ]);
    if (container === undefined) return undefined;
    if (container.id !== fullId) throw anotherOne();
    return { type, metadata: containerMetadata(container, sandboxId, sandbox, bounds) };
  }

  close(): void {
    this.#socket.close();
  }

  /** Which version it speaks, and who it is; asked once. */
  async #findApi(signal: AbortSignal): Promise<Api> {
    if (this.#api !== undefined) return this.#api;
    for (const version of apiVersions) {
      const service = `${version}.RuntimeService`;
      const answer = await this.#socket.ask(`${service}/Version`, {
        ...{ question: {}, decode: decodeVersion, signal },
        absentStatus: 'UNIMPLEMENTED',
      });
      if (answer === undefined) continue;
      const type = ['containerd', 'cri-o'].includes(answer.runtimeName) ? answer.runtimeName : 'cri';
      this.#api = { service, type };
      return this.#api;
    }
    throw new Error(`it speaks neither ${apiVersions.join(' nor ')}`);
  }
}

function anotherOne(): Error {
  return new Error('it tells of another container than the one asked for');
}
