/** Asks Docker, and what speaks as Docker does, over its HTTP API. */

import { type JsonObject, textIn } from '@peregrine/base';
import type { ClientOptions, InspectedContainer, RuntimeClient } from '../runtime-client.ts';
import {
  addressOf,
  dockerImageOf,
  type ImageFacts,
  metadataOf,
  networkOwnerOf,
  podmanImageOf,
} from './docker-container.ts';
import { getJson } from './get-json.ts';

interface Dialect {
  readonly type: string;
  readonly containerPath: (id: string) => string;
  readonly imageOf: (
    container: JsonObject,
    get: (path: string) => Promise<JsonObject | undefined>,
  ) => ImageFacts | Promise<ImageFacts>;
}

const docker: Dialect = {
  type: 'docker',
  containerPath: (id) => `/containers/${encodeURIComponent(id)}/json`,
  imageOf: async (container, get) => {
    const id = textIn(container.Image);
    // An image that has been removed is not known any more: the container goes on without it.
    return dockerImageOf(
      container,
      id === '' ? undefined : await get(`/images/${encodeURIComponent(id)}/json`),
    );
  },
};

const podman: Dialect = {
  type: 'podman',
  containerPath: (id) => `/v4.0.0/libpod/containers/${encodeURIComponent(id)}/json`,
  imageOf: podmanImageOf,
};

export function openDocker(options: ClientOptions): RuntimeClient {
  return new DockerClient(docker, options);
}

export function openPodman(options: ClientOptions): RuntimeClient {
  return new DockerClient(podman, options);
}

class DockerClient implements RuntimeClient {
  readonly #dialect: Dialect;
  readonly #options: ClientOptions;

  constructor(dialect: Dialect, options: ClientOptions) {
    this.#dialect = dialect;
    this.#options = options;
  }

  async inspect(fullId: string, signal: AbortSignal): Promise<InspectedContainer | undefined> {
    const { containerPath, imageOf, type } = this.#dialect;
    const { socket, bounds } = this.#options;
    const get = (path: string) => getJson(socket, path, signal);
    const container = await get(containerPath(fullId));
    if (container === undefined) return undefined;
    // It also finds containers by name, and names may be anything.
    if (textIn(container.Id) !== fullId)
      throw new Error('it tells of another container than the one asked for');
    const owner = networkOwnerOf(container);
    const ip = addressOf(owner === undefined ? container : await get(containerPath(owner)));
    return { type, metadata: metadataOf(container, await imageOf(container, get), ip, bounds) };
  }

  /** Each question has a connection of its own. */
  close(): void {}
}
