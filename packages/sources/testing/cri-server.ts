/** A container runtime that speaks the Kubernetes interface. */

import type { StopServer } from './docker-server.ts';
import { type Answer, type GrpcServerOptions, type Plain, startGrpcServer } from './grpc-server.ts';

export interface CriContainer {
  readonly id: string;
  readonly sandboxId: string;
  /** A `ContainerStatus` without id, and the text of `info.info`. */
  readonly status: Plain;
  readonly info?: unknown;
}

export interface CriSandbox {
  readonly id: string;
  /** A `PodSandboxStatus` without id, and the text of `info.info`. */
  readonly status: Plain;
  readonly info?: unknown;
}

export interface CriServerOptions extends Omit<GrpcServerOptions, 'services'> {
  readonly version?: 'v1' | 'v1alpha2';
  readonly runtimeName?: string;
  readonly containers?: readonly CriContainer[];
  readonly sandboxes?: readonly CriSandbox[];
}

export function startCriServer(options: CriServerOptions): Promise<StopServer> {
  const { version = 'v1' } = options;
  const service = {
    file: 'cri.proto',
    name: `runtime.${version}.RuntimeService`,
    answers: answersOf(options),
    edit: (text: string) => text.replace('package runtime.v1;', `package runtime.${version};`),
  };
  return startGrpcServer({ ...options, services: [service] });
}

function answersOf(options: CriServerOptions): Readonly<Record<string, Answer>> {
  const { runtimeName = 'containerd', containers = [], sandboxes = [] } = options;
  return {
    Version: () => ({ version: '0.1.0', runtime_name: runtimeName, runtime_version: '1' }),
    ListContainers: ({ filter }) => ({
      containers: containers
        .filter(({ id }) => id === (filter as Plain | null)?.id)
        .map(({ id, sandboxId }) => ({ id, pod_sandbox_id: sandboxId, created_at: Date.now() })),
    }),
    ContainerStatus: (request) => statusOf(containers, request.container_id, request.verbose),
    PodSandboxStatus: (request) => statusOf(sandboxes, request.pod_sandbox_id, request.verbose),
  };
}

function statusOf(
  all: readonly { readonly id: string; readonly status: Plain; readonly info?: unknown }[],
  wanted: unknown,
  isVerbose: unknown,
): Plain | undefined {
  const found = all.find(({ id }) => id === wanted);
  if (found === undefined) return undefined;
  const { id, status, info } = found;
  const text = typeof info === 'string' ? info : JSON.stringify(info ?? {});
  return { status: { id, ...status }, info: isVerbose === true ? { info: text } : {} };
}
