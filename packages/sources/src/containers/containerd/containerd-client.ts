/** Asks containerd about containers that it runs for neither Kubernetes nor Docker: those of ctr and nerdctl. */

import { GrpcSocket } from '../grpc/grpc-socket.ts';
import type { ClientOptions, InspectedContainer, RuntimeClient } from '../runtime-client.ts';
import { decodeContainerd, decodeImageDigest, decodeNamespaces } from './containerd-answers.ts';
import { containerdMetadata } from './containerd-container.ts';

/** Of Kubernetes and Docker, who are asked themselves and know more. */
const otherNamespaces = new Set(['k8s.io', 'moby']);
const MOST_NAMESPACES = 64;

export async function openContainerd(options: ClientOptions): Promise<RuntimeClient> {
  const socket = await GrpcSocket.open(options.socket);
  return {
    inspect: (fullId, signal) => inspect(socket, options, fullId, signal),
    close: () => socket.close(),
  };
}

/** Cgroups do not always tell the namespace, so every one is asked. */
async function inspect(
  socket: GrpcSocket,
  { bounds }: ClientOptions,
  fullId: string,
  signal: AbortSignal,
): Promise<InspectedContainer | undefined> {
  const namespaces = await socket.ask('containerd.services.namespaces.v1.Namespaces/List', {
    ...{ question: {}, decode: decodeNamespaces, signal },
  });
  for (const namespace of (namespaces ?? []).slice(0, MOST_NAMESPACES)) {
    if (otherNamespaces.has(namespace)) continue;
    const headers = { 'containerd-namespace': namespace };
    const container = await socket.ask('containerd.services.containers.v1.Containers/Get', {
      ...{ question: { 1: fullId }, decode: decodeContainerd, signal, headers },
    });
    if (container === undefined) continue;
    const digest = await socket.ask('containerd.services.images.v1.Images/Get', {
      ...{ question: { 1: container.image }, decode: decodeImageDigest, signal, headers },
    });
    return { type: 'containerd', metadata: containerdMetadata(container, digest ?? '', bounds) };
  }
  return undefined;
}
