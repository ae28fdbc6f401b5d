/** What is asked of a container runtime, whatever its protocol. */

import type { ContainerMetadata } from '@peregrine/state';

export interface InspectedContainer {
  /** As `container.type` shows it. */
  readonly type: string;
  readonly metadata: ContainerMetadata;
}

export interface RuntimeClient {
  /**
   * What the runtime knows of a container. `undefined`: it knows no such container. Rejects when it cannot be asked,
   * or when its answer makes no sense. Ends when the signal says so.
   */
  inspect(fullId: string, signal: AbortSignal): Promise<InspectedContainer | undefined>;
  close(): void;
}

export interface ClientOptions {
  /** Path of its socket. */
  readonly socket: string;
  readonly bounds: MetadataBounds;
}

/** What of metadata is kept. What is longer is left out, or cut, as `bound-metadata.ts` says. */
export interface MetadataBounds {
  /** Bytes of a label's value. */
  readonly labelBytes: number;
}
